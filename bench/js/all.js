// js_all. One operation: a settled promise as an input of Promise.all.
// Counted: from the call to the reaction of the result; making the inputs is not.
'use strict';
const n = Number(process.argv[2]) || 100_000;
const inputs = [];
for (let i = 0; i < n; i++)
    inputs.push(Promise.resolve(i));
const start = performance.now();
Promise.all(inputs).then((values) => {
    const ns = (performance.now() - start) * 1e6;
    if (values.length !== n || values[n - 1] !== n - 1)
        throw new Error('wrong values');
    console.log(ns / n, n);
});
