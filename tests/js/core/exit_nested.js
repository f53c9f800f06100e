// E7 nested exit
// exit() in an exit listener sets the code and ends at once.
process.on('exit', (code) => { console.log('first', code); process.exit(6); console.log('never'); });
process.on('exit', () => console.log('second never'));
process.exit(5);
