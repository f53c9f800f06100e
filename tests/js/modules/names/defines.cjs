Object.defineProperty(exports, 'value', { enumerable: true, value: 'defined' });
Object.defineProperty(module.exports, 'getter', { enumerable: true, get: function () { return value; } });
const value = 'got';
