// E2 tick
// Table 3.3, tick: tick 1, listener, tick 2, the listener's tick, promises.
process.on('uncaughtException', (value) => {
    console.log('listener', value);
    process.nextTick(() => console.log('tick of listener'));
});
process.nextTick(() => { console.log('tick 1'); throw 1; });
process.nextTick(() => console.log('tick 2'));
Promise.resolve().then(() => console.log('promise'));
