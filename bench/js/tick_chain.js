// js_tick_chain. One operation: a tick that runs and queues the next one with process.nextTick.
// Counted: from the first call to the last callback; never more than one is queued.
'use strict';
const n = Number(process.argv[2]) || 1_000_000;
let left = n;
function step() {
    if (--left > 0)
        process.nextTick(step);
    else
        console.log((performance.now() - start) * 1e6 / n, n);
}
const start = performance.now();
process.nextTick(step);
