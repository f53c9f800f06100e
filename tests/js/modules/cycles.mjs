// M1 cycles, live bindings
import { a, readB, setA } from './cycle/a.mjs';
import * as b from './cycle/b.mjs';
console.log(a, b.b, readB());
setA('changed');
console.log(a, b.readA());
try { b.b = 1; } catch (error) { console.log(error.name); }
console.log(Object.keys(b).join(), Object.isFrozen(b), Reflect.getPrototypeOf(b), b[Symbol.toStringTag]);
console.log(b === await import('./cycle/b.mjs'));
