const one = 1, two = 2, four = 4;
module.exports = { one, two, 'four': four };
