require('./packages/requires.cjs');
