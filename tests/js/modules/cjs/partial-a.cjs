exports.done = false; const b = require('./partial-b.cjs'); exports.done = b.done;
