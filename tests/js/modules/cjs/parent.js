exports.parent = module.parent; exports.main = require.main;
