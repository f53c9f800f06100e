// A listener of uncaughtException that throws: status 7, no exit event (E4).
process.on('exit', () => console.log('never'));
process.on('uncaughtException', (value) => { console.log('listener', value); throw new Error('second'); });
setTimeout(() => console.log('never'), 1);
throw 'first';
