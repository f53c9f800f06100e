module.exports = { id: 1 };
