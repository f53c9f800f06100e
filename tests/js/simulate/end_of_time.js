// An interval that is never cleared ends when the 64 bits of the clock are used up.
let turns = 0;
setInterval(() => turns++, 2147483647);
process.on('beforeExit', () => console.log('never, the interval is alive'));
process.on('exit', (code) => console.log('exit', code, turns, new Date()));
