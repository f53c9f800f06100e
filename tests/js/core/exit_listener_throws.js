// A throw in an exit listener: reported, status 1, no second exit.
process.on('exit', (code) => { console.log('exit', code); throw new Error('in exit'); });
process.on('exit', () => console.log('never'));
