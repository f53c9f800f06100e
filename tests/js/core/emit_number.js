// process.emit replaced by a number (E4).
process.emit = 1;
throw new Error('first');
