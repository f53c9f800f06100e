// E1 thrown by the script, no listener
// Thrown in the main script; the exit listener changes the status.
process.nextTick(() => console.log('never'));
setTimeout(() => console.log('never'), 0);
process.on('exit', (code) => { console.log('exit', code, process.exitCode); process.exitCode = 17; });
	throw new TypeError('tabs before');
