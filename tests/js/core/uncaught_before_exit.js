// E2 beforeExit listener
// Table 3.3, beforeExit listener: listener, checkpoint, another beforeExit.
let n = 0;
process.on('uncaughtException', (value) => {
    console.log('listener', value);
    process.nextTick(() => console.log('tick of listener'));
});
process.on('beforeExit', () => { console.log('beforeExit', ++n); if (n < 3) throw n; });
process.on('exit', (code) => console.log('exit', code));
