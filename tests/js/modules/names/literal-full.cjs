const one = 1;
module.exports = { one, two: [1, { three: 3 }], 'four': () => { return 4; }, get five() { return 5; }, async six() {} };
