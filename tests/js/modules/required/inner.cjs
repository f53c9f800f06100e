exports.whole = require('./whole.mjs').default();
