const divide = new Function('a', 'return a.b.c');
divide({});
