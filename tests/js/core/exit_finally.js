// E6 exit in try and finally
// E7 what exit listeners queue does not run
// exit() runs no finally, no catch, nothing that was queued.
process.on('exit', (code) => {
    console.log('exit', code, process.exitCode);
    setTimeout(() => console.log('timer'), 0);
    setImmediate(() => console.log('immediate'));
    process.nextTick(() => console.log('tick'));
    queueMicrotask(() => console.log('microtask'));
    Promise.resolve().then(() => console.log('promise'));
    process.exitCode = 9;
});
async function inside() {
    try {
        await new Promise((resolve) => setTimeout(resolve, 5));
        try { process.exit(4); } finally { console.log('finally'); }
    } catch { console.log('catch'); } finally { console.log('outer finally'); }
}
process.nextTick(() => console.log('tick'));
inside().then(() => console.log('then'), () => console.log('rejected'));
