// E12 reason {}
// A reason that is no Error is wrapped, without running its code.
process.on('exit', (code) => console.log('exit', code));
Promise.reject({});
