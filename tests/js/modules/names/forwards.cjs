module.exports = { ...require('./literal.cjs'), ...require('./assigns.cjs') };
