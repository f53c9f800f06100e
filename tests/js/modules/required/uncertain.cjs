const { a } = require('./named.mjs');
for (const name of ['found']) exports[name] = a;
