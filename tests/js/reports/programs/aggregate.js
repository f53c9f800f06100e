throw new AggregateError([new Error('one'), 'two', new Error('three', { cause: 4 })], 'all bad');
