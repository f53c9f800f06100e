// E12 reason without a prototype
// A reason that is no Error is wrapped, without running its code.
process.on('exit', (code) => console.log('exit', code));
Promise.reject(Object.create(null));
