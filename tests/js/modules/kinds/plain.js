module.exports = 'CommonJS';
