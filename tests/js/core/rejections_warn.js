// --unhandled-rejections=warn: a warning, the run goes on.
process.on('warning', (w) => console.log(w.name));
Promise.reject(new Error('r'));
setTimeout(() => console.log('goes on'), 1);
