// One operation: a turn of the loop, with one immediate that sets the next one.
// Counted: from the first call to the last callback.
'use strict';
const n = Number(process.argv[2]) || 300_000;
let left = n;
function step() {
    if (--left > 0)
        setImmediate(step);
    else
        console.log((performance.now() - start) * 1e6 / n);
}
const start = performance.now();
setImmediate(step);
