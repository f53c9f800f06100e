// E2 timer with a due peer, interval
// Table 3.3, timer with a due peer: t1, listener, ticks, promises, t2; an interval repeats.
process.on('uncaughtException', (value) => {
    console.log('listener', value);
    process.nextTick(() => console.log('tick of listener'));
    Promise.resolve().then(() => console.log('promise of listener'));
});
setTimeout(() => {
    process.nextTick(() => console.log('tick of t1'));
    Promise.resolve().then(() => console.log('promise of t1'));
    console.log('t1');
    throw 1;
}, 5);
setTimeout(() => console.log('t2'), 5);
let n = 0;
const interval = setInterval(() => {
    console.log('interval', ++n);
    if (n === 3) clearInterval(interval);
    throw n;
}, 20);
