// One operation: an event that is made and dispatched to a target with one listener.
// Counted: from the first to the last; the listener adds one to a sum, which is checked.
'use strict';
const n = Number(process.argv[2]) || 1_000_000;
const target = new EventTarget();
let sum = 0;
target.addEventListener('step', () => { sum++; });
const start = performance.now();
for (let i = 0; i < n; i++)
    target.dispatchEvent(new Event('step'));
const ns = (performance.now() - start) * 1e6 / n;
if (sum !== n)
    throw new Error(`${sum} of ${n} events were heard`);
console.log(ns);
