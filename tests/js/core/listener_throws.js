// E4 a listener that throws: status 7
// A listener of uncaughtException that throws: status 7, no exit event.
process.on('exit', () => console.log('never'));
process.on('uncaughtException', (value) => { console.log('listener', value); throw new Error('second'); });
setTimeout(() => console.log('never'), 1);
throw 'first';
