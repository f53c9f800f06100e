// G2 globalThis.Promise replaced: async functions and host promises are native
const Native = Promise;
const util = require('util'), fs = require('fs'), timers = require('timers/promises'), events = require('events');
let used = 0;
class Fake { constructor() { used++; } static resolve() { used++; return new Fake(); } then() { used++; } }
globalThis.Promise = Fake;
const { then } = Native.prototype;
const native = (p) => p instanceof Native && p.constructor === Native && Object.getPrototypeOf(p) === Native.prototype;
console.log('async', native((async () => 1)()));
console.log('fs', native(fs.promises.readFile(__filename)), native(fs.promises.stat(__filename)));
console.log('timers', native(timers.setTimeout(1)), native(timers.setImmediate()));
console.log('promisify', native(util.promisify((callback) => callback(null, 1))()), native(util.promisify(setTimeout)(1)));
console.log('once', native(events.once(process, 'mine')));
process.emit('mine');
console.log('import', native(import('node:path')));
(async () => {
    console.log(await 1, await { then(resolve) { resolve('thenable'); } });
    for await (const x of (async function* () { yield 'generator'; })()) console.log(x);
    for await (const x of timers.setInterval(1, 'interval')) { console.log(x); break; }
    try { await fs.promises.readFile('nowhere'); } catch (error) { console.log(error.code); }
    // Its methods changed as well: awaiting does not call then of a native promise.
    let calls = 0;
    Native.prototype.then = function (...args) { calls++; return then.apply(this, args); };
    Native.resolve = Native.reject = Native.all = () => { throw new Error('called'); };
    const text = await fs.promises.readFile(__filename, 'utf8');
    const handle = await fs.promises.open(__filename);
    await handle.stat();
    await handle.close();
    await timers.setTimeout(1);
    const once = events.once(process, 'mine');
    process.emit('mine');
    await once;
    await (async () => {})();
    console.log(text.length > 100, 'calls of then', calls);
    delete globalThis.Promise;
    console.log(typeof Promise, native((async () => {})()), await timers.setTimeout(1, 'gone'));
    console.log('used', used);
})();
