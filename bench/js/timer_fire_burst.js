// One operation: a timer of 1 ms set and fired.
// Counted: from the first call to the last callback; 100,000 are set at once, so that the wait for
// the deadline counts little.
'use strict';
const n = Number(process.argv[2]) || 100_000;
let left = n;
function step() {
    if (--left === 0)
        console.log((performance.now() - start) * 1e6 / n);
}
const start = performance.now();
for (let i = 0; i < n; i++)
    setTimeout(step, 1);
