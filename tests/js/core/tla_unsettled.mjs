// The top-level await of the entry never settles: status 13, which exit listeners get.
process.on('exit', (code) => console.log('exit', code, process.exitCode));
console.log('before');
await new Promise(() => {});
console.log('never');
