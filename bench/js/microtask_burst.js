// js_microtask_burst. One operation: a microtask queued with queueMicrotask and run.
// Counted: from the first call to the last callback; all are queued before the first one runs.
'use strict';
const n = Number(process.argv[2]) || 1_000_000;
let left = n;
function step() {
    if (--left === 0)
        console.log((performance.now() - start) * 1e6 / n, n);
}
const start = performance.now();
for (let i = 0; i < n; i++)
    queueMicrotask(step);
