// E2 immediate with a peer
// Table 3.3, immediate with a peer.
process.on('uncaughtException', (value) => {
    console.log('listener', value);
    process.nextTick(() => console.log('tick of listener'));
});
setImmediate(() => {
    process.nextTick(() => console.log('tick of i1'));
    Promise.resolve().then(() => console.log('promise of i1'));
    console.log('i1');
    throw 1;
});
setImmediate(() => console.log('i2'));
