// E3 monitor comes first and is no handling
// The monitor comes first and is no handling.
process.on('uncaughtExceptionMonitor', (value, origin) => console.log('monitor', value.message, origin));
process.on('exit', (code) => console.log('exit', code));
Promise.reject(new Error('r'));
