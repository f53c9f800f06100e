// E2 main script
// Table 3.3, main script: listener, checkpoint, loop.
process.on('uncaughtException', (value, origin) => {
    console.log('listener', value, origin);
    process.nextTick(() => console.log('tick of the listener'));
});
process.on('uncaughtExceptionMonitor', (value, origin) => console.log('monitor', value, origin));
process.nextTick(() => console.log('tick'));
Promise.resolve().then(() => console.log('promise'));
setTimeout(() => console.log('timer'), 1);
throw 'thrown';
