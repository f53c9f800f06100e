// Nothing can happen any more: the same end as in real time.
process.on('beforeExit', (code) => console.log('beforeExit', code, Date.now()));
process.on('exit', (code) => console.log('exit', code));
setTimeout(() => console.log('last timer'), 3600000);
setInterval(() => console.log('nobody waits for it'), 7200000).unref();
await new Promise(() => {});
