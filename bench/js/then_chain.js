// js_then_chain. One operation: a `then` on a pending promise, and its reaction.
// Counted: n links are made, then the first promise is resolved, until the last reaction.
'use strict';
const n = Number(process.argv[2]) || 300_000;
let first;
let promise = new Promise((resolve) => first = resolve);
const start = performance.now();
for (let i = 0; i < n; i++)
    promise = promise.then((value) => value + 1);
promise.then((value) => {
    const ns = (performance.now() - start) * 1e6;
    if (value !== n)
        throw new Error('a wrong value');
    console.log(ns / n, n);
});
first(0);
