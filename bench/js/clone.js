// js_clone. One operation: structuredClone of an object with 1000 keys: numbers, strings and small objects by
// turns.
// Counted: n of them in a loop.
'use strict';
const n = Number(process.argv[2]) || 1_000, keys = 1000;
const source = {};
for (let i = 0; i < keys; i++)
    source[`key${i}`] = i % 3 === 0 ? i : i % 3 === 1 ? `value ${i}` : {i};
let copy;
const start = performance.now();
for (let i = 0; i < n; i++)
    copy = structuredClone(source);
const ns = (performance.now() - start) * 1e6;
if (Object.keys(copy).length !== keys || copy.key2.i !== 2 || copy.key2 === source.key2)
    throw new Error('a wrong clone');
console.log(ns / n, n);
