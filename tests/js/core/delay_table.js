// D2 delay table with every row, objects, dates, strings
// The conversion runs once, before anything is made; what it throws reaches the caller. Delays that
// count as 1 are one FIFO; longer ones fire later.
process.removeAllListeners('warning');
const log = [];
const short = {
    undefined, null: null, zero: 0, 'minus zero': -0, half: 0.5, tiny: Number.MIN_VALUE, empty: '', false: false, true: true,
    one: 1, '1.9': 1.9, text: '1', 'text with spaces': ' 1\n', hex: '0x1', NaN: NaN, word: 'abc', negative: -1, 'minus half': -0.5,
    'far negative': -1e300, 'beyond': 2147483648, 'far beyond': 1e300, Infinity: Infinity, '-Infinity': -Infinity,
    array: [], 'array of one': [1], 'array of two': [1, 2], object: {}, date: new Date(0), 'invalid date': new Date(NaN),
    valueOf: { valueOf: () => 1 }, toString: { valueOf: () => ({}), toString: () => '1' }, function: () => 1, regexp: /x/,
    primitive: { [Symbol.toPrimitive]: (hint) => { log.push(`hint ${hint}`); return 1; } }, proxy: new Proxy([1], {}),
};
for (const [name, delay] of Object.entries(short)) setTimeout(() => log.push(name), delay);
const long = { 30: 30, '30.9': 30.9, "'30'": '30', '[30]': [30], date30: new Date(30), 'value 30': { valueOf: () => 30 } };
for (const [name, delay] of Object.entries(long)) setTimeout(() => log.push(`later ${name}`), delay);
for (const huge of [2147483647, 2147483646.5]) {
    const t = setTimeout(() => log.push('must not run'), huge);
    t.unref();
}

const thrown = Symbol('thrown');
for (const schedule of [setTimeout, setInterval]) {
    for (const [name, delay] of Object.entries({
        bigint: 1n, symbol: Symbol('s'), 'boxed bigint': Object(1n), valueOf: { valueOf() { throw thrown; } },
        toPrimitive: { [Symbol.toPrimitive]() { throw thrown; } }, 'odd toPrimitive': { [Symbol.toPrimitive]: () => ({}) },
        'no primitive': { valueOf: null, toString: null }, 'null prototype': Object.create(null),
    })) {
        try {
            schedule(() => { console.log('must not run', name); process.exit(9); }, delay);
            console.log(schedule.name, name, 'made');
        } catch (error) {
            console.log(schedule.name, name, error === thrown ? 'thrown' : error.name);
        }
    }
    let conversions = 0;
    clearTimeout(schedule(() => {}, { valueOf() { conversions++; return 5; } }));
    console.log(schedule.name, 'conversions', conversions);
    // A wrong callback is told before the delay is looked at.
    try { schedule(1, { valueOf() { console.log('converted'); } }); } catch (error) { console.log(error.code); }
}
setTimeout(() => {
    for (let i = 0; i < log.length; i += 8) console.log(log.slice(i, i + 8).join(', '));
}, 120);
