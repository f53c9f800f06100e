// js_timer_fire. One operation: a timer of 1 to 10 ms set and fired.
// Counted: from the first call to the last callback, in wall time: not every runtime tells its processor
// time. There are so many that the wait for the last deadline counts little.
'use strict';
const n = Number(process.argv[2]) || 300_000;
let left = n;
function step() {
    if (--left === 0)
        console.log((performance.now() - start) * 1e6 / n, n);
}
const start = performance.now();
for (let i = 0; i < n; i++)
    setTimeout(step, 1 + i % 10);
