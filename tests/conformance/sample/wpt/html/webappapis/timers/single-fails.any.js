setup({ single_test: true });
setTimeout(() => { throw new Error('x'); }, 1);
