test(() => {}, 'before');
throw new Error('the file');
