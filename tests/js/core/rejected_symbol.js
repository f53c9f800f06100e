// A reason that is no Error is wrapped, without running its code (E12).
process.on('exit', (code) => console.log('exit', code));
Promise.reject(Symbol('s'));
