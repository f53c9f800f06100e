// E4 process.emit replaced by a thrower
// process.emit replaced by something that throws: no crash, status 7.
process.emit = () => { console.log('emit'); throw new Error('replaced'); };
throw new Error('first');
