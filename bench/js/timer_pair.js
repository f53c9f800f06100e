// js_timer_pair. One operation: a timer set and cleared at once.
// Counted: n of them in a loop; never more than one is set, none fires.
'use strict';
const n = Number(process.argv[2]) || 1_000_000;
function never() {
    throw new Error('fired');
}
const start = performance.now();
for (let i = 0; i < n; i++)
    clearTimeout(setTimeout(never, 1000));
console.log((performance.now() - start) * 1e6 / n, n);
