// E12 reason that is a function
// A reason that is no Error is wrapped, without running its code.
process.on('exit', (code) => console.log('exit', code));
Promise.reject(function named() { });
