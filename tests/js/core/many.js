// D13 random timers and clears
// H1 100,000 links of then
// H3 timers in timers, immediates in immediates
// Many: chains of timers and immediates, 100,000 links of then, random clears.
let state = 1;
const random = (n) => { state = (state * 1103515245 + 12345) % 2147483648; return state % n; };
let alive = 0, fired = 0, wrong = 0;
const handles = [];
for (let i = 0; i < 10000; i++) {
    const record = { cleared: false, count: 0 };
    record.handle = setTimeout(() => { record.count++; fired++; if (record.cleared || record.count > 1) wrong++; if (random(4) === 0) clear(random(10000)); }, random(30));
    handles.push(record);
}
function clear(i) { const r = handles[i]; if (r.count === 0 && !r.cleared) r.cleared = true; clearTimeout(r.handle); }
for (let i = 0; i < 3000; i++) clear(random(10000));
setTimeout(() => {
    for (const r of handles) if (!r.cleared) alive++;
    console.log('survivors fired', alive === fired, wrong);
    chain(0);
}, 60);
let before;
function chain(n) {
    if (n === 1000) before = process.memoryUsage().rss;
    if (n === 10000) { console.log('flat', process.memoryUsage().rss - before < 8e6); return links(); }
    setImmediate(chain, n + 1);
}
function links() {
    let p = Promise.resolve(0);
    for (let i = 0; i < 100000; i++) p = p.then((x) => x + 1);
    p.then((x) => { console.log('links', x); starve(); });
}
function starve() {
    let n = 0;
    setTimeout(() => console.log('microtasks before the timer', n), 0);
    const step = () => { if (++n < 20000) queueMicrotask(step); };
    step();
}
