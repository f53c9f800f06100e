// One operation: a microtask queued with queueMicrotask and run.
// Counted: from the first call to the last callback; 10,000 are queued before the first one runs.
'use strict';
const n = Number(process.argv[2]) || 1_000_000, burst = Math.min(n, 10_000);
let left = n, inBurst = 0;
function step() {
    left--;
    if (--inBurst === 0)
        fill();
}
function fill() {
    if (left <= 0)
        return console.log((performance.now() - start) * 1e6 / n);
    inBurst = burst;
    for (let i = 0; i < burst; i++)
        queueMicrotask(step);
}
const start = performance.now();
fill();
