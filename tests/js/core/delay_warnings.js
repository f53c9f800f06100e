// D3 count, on a tick, none for undefined, null, 0
// Delays that are warned of; the warning comes on a tick.
const seen = [];
process.on('warning', (w) => seen.push(`${w.name}: ${w.message}`));
const none = () => {};
for (const delay of [undefined, null, 0, -0, '', false, 0.5, 1, 2147483647, [], '10']) clearTimeout(setTimeout(none, delay));
process.nextTick(() => {
    console.log('none:', seen.length);
    for (const delay of [NaN, 'abc', {}, -1, -5, 2147483648, Infinity, 1e20]) clearTimeout(setTimeout(none, delay));
    clearInterval(setInterval(none, -Infinity));
    console.log('not yet:', seen.length);
    setImmediate(() => console.log(seen.join('\n')));
});
for (const delay of [1n, Symbol('s'), { valueOf() { throw new Error('mine'); } }]) {
    try { setTimeout(none, delay); } catch (error) { console.log(error.name, error.message === 'mine'); }
}
setTimeout(() => console.log('early'), 1e10);
setTimeout(() => console.log('after'), 2);
