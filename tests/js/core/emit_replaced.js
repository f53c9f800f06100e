// process.emit replaced by something that throws: no crash, status 7 (E4).
process.emit = () => { console.log('emit'); throw new Error('replaced'); };
throw new Error('first');
