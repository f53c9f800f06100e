// E8 rounds of beforeExit
// beforeExit rounds: timers and immediates lead to another, ticks and microtasks do not.
let round = 0;
process.on('beforeExit', (code) => {
    console.log('beforeExit', ++round, code);
    if (round === 1) setTimeout(() => console.log('timer'), 1);
    if (round === 2) setImmediate(() => { console.log('immediate'); process.exitCode = 3; });
    if (round === 3) {
        process.nextTick(() => console.log('tick'));
        queueMicrotask(() => console.log('microtask'));
        setTimeout(() => console.log('unref never'), 1).unref();
    }
});
process.on('exit', (code) => console.log('exit', code));
