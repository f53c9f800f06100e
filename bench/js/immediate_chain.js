// js_immediate_chain. One operation: an immediate that runs and queues the next one with setImmediate.
// Counted: from the first call to the last callback; never more than one is queued.
'use strict';
const n = Number(process.argv[2]) || 300_000;
let left = n;
function step() {
    if (--left > 0)
        setImmediate(step);
    else
        console.log((performance.now() - start) * 1e6 / n, n);
}
const start = performance.now();
setImmediate(step);
