throw new Error('cjs throws');
