// E1 thrown in a tick, no listener
// Thrown in a callback without a listener: reported, exit once with 1, nothing after.
function fail() {
    setTimeout(() => console.log('never'), 0);
    setImmediate(() => console.log('never'));
    throw new Error('from tick');
}
process.on('exit', (code) => {
    console.log('exit', code);
    process.nextTick(() => console.log('never'));
});
process.nextTick(fail);
