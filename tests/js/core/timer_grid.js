// D12 one delay, a thousand timers
// 1000 timers of one delay made in one script: due on whole milliseconds, so at most one turn for
// each millisecond that making them took, and none early (D12).
const start = performance.now();
let turns = 0, early = 0, done = 0, marked = false;
for (let i = 0; i < 1000; i++) {
    setTimeout(() => {
        if (performance.now() - start < 10) early++;
        if (!marked) { turns++; marked = true; setImmediate(() => { marked = false; }); }
        if (++done === 1000) console.log('early', early, 'turns', turns <= took + 2);
    }, 10);
}
const took = performance.now() - start;
