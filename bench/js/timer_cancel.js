// js_timer_cancel. One operation: a timer cleared.
// Counted: n timers of 1 to 1000 ms are set before; they are cleared in the order of setting. None fires.
'use strict';
const n = Number(process.argv[2]) || 300_000;
function never() {
    throw new Error('fired');
}
const timers = new Array(n).fill(undefined);
for (let i = 0; i < n; i++)
    timers[i] = setTimeout(never, 1 + i * 7919 % 1000);
const start = performance.now();
for (let i = 0; i < n; i++)
    clearTimeout(timers[i]);
console.log((performance.now() - start) * 1e6 / n, n);
