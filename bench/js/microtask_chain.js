// js_microtask_chain. One operation: a microtask that runs and queues the next one with queueMicrotask.
// Counted: from the first call to the last callback; never more than one is queued.
'use strict';
const n = Number(process.argv[2]) || 1_000_000;
let left = n;
function step() {
    if (--left > 0)
        queueMicrotask(step);
    else
        console.log((performance.now() - start) * 1e6 / n, n);
}
const start = performance.now();
queueMicrotask(step);
