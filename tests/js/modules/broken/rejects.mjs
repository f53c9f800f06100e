await 0; throw new TypeError('late');
