// E2 microtask
// Table 3.3, microtask: m1, listener, m2, the listener's microtask, ticks.
process.on('uncaughtException', (value, origin) => {
    console.log('listener', value, origin);
    queueMicrotask(() => console.log('microtask of listener'));
    process.nextTick(() => console.log('tick of listener'));
});
queueMicrotask(() => { console.log('m1'); throw 1; });
queueMicrotask(() => console.log('m2'));
