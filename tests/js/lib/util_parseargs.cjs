/* parseArgs: forms of options, tokens, defaults, mistakes. */
'use strict';
const { inspect, parseArgs } = require('node:util');
const options = {
    foo: { type: 'string', short: 'f' }, bar: { type: 'boolean', short: 'b' }, many: { type: 'string', short: 'm', multiple: true },
    flag: { type: 'boolean', multiple: true }, given: { type: 'string', default: 'd' }, list: { type: 'boolean', multiple: true, default: [true] },
};
const lines = [
    '', '--foo x', '--foo=x', '--foo=', '-f x', '-fx', '-bfx', '-bf x', '-b -b', '--bar', '-m 1 -m2 --many=3', '--flag --flag', '--given',
    '--given e', 'pos', '--', '-- --foo', 'a -- b', '-', '--none', '-z', '--bar=1', '--foo', '-f', '--foo --bar', '-f -b', '--no-bar',
    '--no-foo', '--no-', '-bz', '--foo=-x', '--foo a=b', '--=x',
];
for (const line of lines) {
    for (const extra of [{}, { allowPositionals: true }, { strict: false }, { tokens: true, strict: false }, { allowNegative: true, tokens: true }]) {
        try {
            console.log(line, JSON.stringify(extra), inspect(parseArgs({ args: line.split(' ').filter((x) => x), options, ...extra }), { depth: 9 }));
        } catch (x) {
            console.log(line, JSON.stringify(extra), x.code, x.message);
        }
    }
}
for (const config of [{ args: 1 }, { options: 1 }, { strict: 1 }, { options: { a: 1 } }, { options: { a: {} } }, { options: { a: { type: 'number' } } },
    { options: { a: { type: 'string', short: 'ab' } } }, { options: { a: { type: 'string', short: 1 } } }, { options: { a: { type: 'string', default: 1 } } },
    { options: { a: { type: 'string', multiple: 1 } } }, { options: { a: { type: 'boolean', multiple: true, default: ['x'] } } }]) {
    try {
        console.log(parseArgs({ args: [], ...config }));
    } catch (x) {
        console.log(x.code, x.message);
    }
}
