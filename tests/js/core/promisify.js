// timers/promises and what util.promisify makes of the schedulers.
const { promisify } = require('util');
const timers = require('timers');
const promises = require('timers/promises');
console.log(timers.promises === promises, promisify(setTimeout) === promises.setTimeout, promisify(setImmediate) === promises.setImmediate, timers.setTimeout === setTimeout);
(async () => {
    console.log(await promises.setTimeout(1, 'value'), await promises.setTimeout(1), await promises.setImmediate('now'));
    let n = 0;
    for await (const x of promises.setInterval(1, 'tick')) { console.log(x); if (++n === 3) break; }
    await promises.scheduler.wait(1);
    await promises.scheduler.yield();
    for (const bad of [null, 1, { ref: 1 }, { signal: 1 }]) {
        await promises.setTimeout(1, 0, bad).then(() => console.log('took'), (e) => console.log(e.name, e.code));
        await promises.setImmediate(0, bad).then(() => console.log('took'), (e) => console.log(e.name, e.code));
    }
})();
