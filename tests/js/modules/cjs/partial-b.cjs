const a = require('./partial-a.cjs'); exports.seen = String(a.done); exports.done = true;
