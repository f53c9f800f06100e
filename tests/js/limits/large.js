// G4 strings of ten megabytes and arrays of a million elements as reason or argument: linear.
const text = 'x'.repeat(1e7);
const list = new Array(1e6).fill(7);

setTimeout((s, l) => console.log(s.length, l.length), 0, text, list);
process.nextTick((s) => console.log(s === text), text);
process.once('uncaughtException', (value, origin) => console.log(value === text, origin));
setTimeout(() => { throw text; }, 1);
process.once('unhandledRejection', (reason) => {
    console.log(reason === list);
    process.once('unhandledRejection', (other) => { console.log(other === text); setTimeout(collections, 1); });
    setTimeout(() => { Promise.reject(text); }, 1);
});
setTimeout(() => { Promise.reject(list); }, 20);
async function collections() {
    setImmediate((...all) => console.log(all.length), ...list.slice(0, 1000));
    const all = await Promise.all(list.slice(0, 50000));
    console.log(all.length, all[49999]);
    const settled = await Promise.allSettled(list.slice(0, 10000));
    console.log(settled.length);
    await Promise.any(list.slice(0, 10000).map(() => Promise.reject(1)))
        .catch((error) => console.log(error.errors.length));
    console.log(util.inspect(list).length < 2000, util.inspect(text).length < 20000);
    console.log(util.format('%s', text).length);
}
const util = require('util');
