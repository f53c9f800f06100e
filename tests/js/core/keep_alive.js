// D10 an unref'ed interval alone: the program ends
// D11 last ref'ed timer cleared in its microtask: ends; ref from another timer: stays
const stage = process.argv[2];
const log = (...x) => console.log(...x);
process.on('beforeExit', () => log('dry'));
process.on('exit', (code) => log('exit', code));
const background = setInterval(() => {}, 5);
background.unref();
// Revived by a ref from a timer, which ends it later.
let ticks = 0;
const kept = setInterval(() => {
    if (++ticks < 3) return;
    log('kept ran', ticks);
    clearInterval(kept);
}, 2).unref();
setTimeout(() => { log('ref', kept.hasRef(), kept.ref().hasRef()); }, 1);
process.once('beforeExit', () => {
    // The last one that holds the loop is cleared in a microtask of another's callback.
    const last = setTimeout(() => log('must not run'), 1e6);
    setTimeout(() => queueMicrotask(() => { clearTimeout(last); log('cleared in a microtask'); }), 1);
    process.once('beforeExit', () => {
        const gone = setImmediate(() => log('immediate ran', gone.hasRef(), gone.ref() === gone, gone.hasRef()));
        process.once('beforeExit', () => {
            setImmediate(() => log('must not run')).unref();
            const t = setTimeout(() => log('must not run'), 50);
            t.unref();
            process.nextTick(() => log('a tick keeps nothing'));
        });
    });
});
