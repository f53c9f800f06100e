exports.through = { deep: require('./deep.mjs'), same: require('./deep.mjs') };
