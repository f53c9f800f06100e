// js_timeout0_burst. One operation: setTimeout(…, 0) and its callback.
// Counted: from the first call to the last callback; all are set at once, so that the wait for the
// deadline counts little.
'use strict';
const n = Number(process.argv[2]) || 200_000;
let left = n;
function step() {
    if (--left === 0)
        console.log((performance.now() - start) * 1e6 / n, n);
}
const start = performance.now();
for (let i = 0; i < n; i++)
    setTimeout(step, 0);
