assert.compareArray = (a, b) => assert(a.length === b.length && a.every((x, i) => Object.is(x, b[i])));
