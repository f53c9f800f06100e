// js_await. One operation: `await` of a number in one async function.
// Counted: from the first one to the end of the last.
'use strict';
const n = Number(process.argv[2]) || 1_000_000;
async function main() {
    let sum = 0;
    const start = performance.now();
    for (let i = 0; i < n; i++)
        sum += await i;
    const ns = (performance.now() - start) * 1e6;
    if (sum !== n * (n - 1) / 2)
        throw new Error('a wrong sum');
    console.log(ns / n, n);
}
main();
