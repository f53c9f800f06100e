setup({ single_test: true });
setTimeout(done, 1);
