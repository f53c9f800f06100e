// js_timer_sched. One operation: a timer of 1 to 1000 ms set.
// Counted: n of them in a loop. All are cleared afterwards; none fires.
'use strict';
const n = Number(process.argv[2]) || 300_000;
function never() {
    throw new Error('fired');
}
const timers = new Array(n).fill(undefined), delays = [];
for (let i = 0; i < n; i++)
    delays.push(1 + i * 7919 % 1000);
const start = performance.now();
for (let i = 0; i < n; i++)
    timers[i] = setTimeout(never, delays[i]);
const ns = (performance.now() - start) * 1e6;
for (let i = 0; i < n; i++)
    clearTimeout(timers[i]);
console.log(ns / n, n);
