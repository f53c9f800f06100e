// E4 process.emit replaced by a number
// process.emit replaced by a number.
process.emit = 1;
throw new Error('first');
