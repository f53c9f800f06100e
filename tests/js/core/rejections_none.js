// --unhandled-rejections=none: silent.
Promise.reject(new Error('r'));
setTimeout(() => console.log('goes on'), 1);
