function f() { throw { a: 1, b: [1, 2] }; }
f();
