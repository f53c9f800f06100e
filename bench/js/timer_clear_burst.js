// One operation: a timer set and, later, cleared.
// Counted: rounds in which 10,000 are set with delays from 1 to 100 s and then cleared in the same
// order; none fires.
'use strict';
const n = Number(process.argv[2]) || 1_000_000, burst = Math.min(n, 10_000);
function never() {}
const timers = new Array(burst).fill(undefined);
const start = performance.now();
for (let done = 0; done < n; done += burst) {
    for (let i = 0; i < burst; i++)
        timers[i] = setTimeout(never, 1000 + i * 10);
    for (let i = 0; i < burst; i++)
        clearTimeout(timers[i]);
}
console.log((performance.now() - start) * 1e6 / n);
