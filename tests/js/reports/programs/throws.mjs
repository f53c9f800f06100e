function boom() { throw new Error('module boom'); }
boom();
