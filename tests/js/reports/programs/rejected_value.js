Promise.reject({ code: 5, msg: 'x' });
