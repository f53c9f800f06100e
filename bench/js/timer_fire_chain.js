// One operation: a timer of 1 ms that fires and sets the next one.
// Counted: from the first call to the last callback; 10,000 chains stand side by side, so that the
// wait for the deadline counts little.
'use strict';
const n = Number(process.argv[2]) || 300_000, chains = Math.min(n, 10_000);
let started = chains, left = n;
function step() {
    if (--left === 0)
        console.log((performance.now() - start) * 1e6 / n);
    else if (started < n) {
        started++;
        setTimeout(step, 1);
    }
}
const start = performance.now();
for (let i = 0; i < chains; i++)
    setTimeout(step, 1);
