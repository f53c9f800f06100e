// C3 immediates made by immediates; a peer cleared by an earlier one
// C4 immediate and timer made in a timer: the immediate first
// C5 two due timers, two immediates: a checkpoint between
// D7 a due sibling cleared in the same batch
// Two due timers, two immediates: a full checkpoint between them; the first of a pair clears
// the second (D7); immediates made by immediates run in the next turn (C3); an immediate made in a
// timer comes before a timer made there (C4).
const say = (x) => console.log(x);
const later = (name) => {
    process.nextTick(() => say(`${name} tick`));
    Promise.resolve().then(() => say(`${name} promise`));
};
const wait = () => { const until = Date.now() + 3; while (Date.now() < until); };

function pair() {
    setTimeout(() => { say('t1'); later('t1'); }, 2);
    setTimeout(() => { say('t2'); later('t2'); next(); }, 2);
    wait();
}
function cleared() {
    let t4;
    setTimeout(() => { say('t3'); clearTimeout(t4); setImmediate(() => say('immediate of t3')); }, 1);
    t4 = setTimeout(() => say('t4, which was cleared'), 1);
    setTimeout(() => { say('t5'); setTimeout(next, 5); }, 1);
    wait();
}
function immediates() {
    setImmediate(() => { say('i1'); later('i1'); setImmediate(() => { say('i4'); next(); }); clearImmediate(i3); });
    setImmediate(() => { say('i2'); later('i2'); });
    const i3 = setImmediate(() => say('i3, which was cleared'));
}
function both() {
    setTimeout(() => { say('timer after immediate'); next(); }, 0);
    setImmediate(() => say('immediate first'));
}
function microtaskClears() {
    let second;
    setTimeout(() => { say('first'); queueMicrotask(() => clearTimeout(second)); }, 1);
    second = setTimeout(() => say('second, which was cleared in a microtask'), 1);
    setTimeout(() => say('third'), 1);
    wait();
}
const parts = [pair, cleared, immediates, both, microtaskClears];
const next = () => setTimeout(() => parts.shift()?.(), 1);
next();
