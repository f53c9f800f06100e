// exports.comment = 1;
const text = 'exports.text = 2', pattern = /exports.pattern = "3/;
exports.a = exports.b = 'ab';
exports['c-d'] = `cd ${[`nested ${1}`]}`;
module.exports.e = text && pattern ? 'e' : '';
