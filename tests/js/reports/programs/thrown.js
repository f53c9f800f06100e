function outer() {
  inner({ a: 1 });
}
function inner(o) {
  throw new TypeError('bad thing');
}
outer();
