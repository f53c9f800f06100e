// D10 an unref'ed immediate alone does not run; beside something that lives it does
const never = () => console.log('must not run');
setImmediate(never).unref();
setTimeout(never, 0).unref();
process.once('beforeExit', () => {
    console.log('dry');
    setImmediate(never).unref();
    process.once('beforeExit', () => console.log('never dry again: nothing was revived'));
});
process.on('exit', () => console.log('exit'));
