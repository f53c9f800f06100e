// H3 ten thousand timers in timers and immediates in immediates: memory stays flat.
const used = () => process.memoryUsage().heapUsed;

const inTurn = (schedule, count) => new Promise((resolve) => {
    let left = count;
    let first;
    const step = () => {
        if (left === count - 100) first = used();
        if (--left > 0) schedule(step);
        else if (left === 0) resolve(used() - first < 1000000);
    };
    for (let i = 0; i < 20; i++) schedule(step); /* side by side: a timer takes a millisecond */
});

(async () => {
    console.log(await inTurn((step) => setTimeout(step, 0), 10000));
    console.log(await inTurn((step) => setImmediate(step), 10000));
    console.log(await inTurn((step) => setImmediate(() => setTimeout(step)), 5000));
})();
