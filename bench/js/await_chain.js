// One operation: `await` of a number in one async function.
// Counted: from the first one to the end of the last.
'use strict';
const n = Number(process.argv[2]) || 1_000_000;
async function main() {
    const start = performance.now();
    for (let i = 0; i < n; i++)
        await i;
    console.log((performance.now() - start) * 1e6 / n);
}
main();
