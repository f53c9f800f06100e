// D7 clear self, twice
// D8 close twice
// D9 refresh active, in callback, fired, cleared, unref'ed
// D10 ref, unref, hasRef before, during, after
// Handles: ref, unref, hasRef, refresh, close, ids.
const say = (...x) => console.log(...x);
const never = (why) => () => say(`${why}: must not run`);

const t = setTimeout(never('closed'), 100);
say(t.constructor.name, t.hasRef(), t.unref() === t, t.hasRef(), t.ref() === t, t.hasRef());
say(t.refresh() === t, t.close() === t);
const id = +setTimeout(never('cleared by number'), 5);
say(typeof id, Number.isInteger(id));
clearTimeout(id);
const u = setTimeout(never('cleared by string'), 5);
clearTimeout(String(+u));
for (const odd of [1e300, -1, {}, NaN, null, undefined, 'x', '', '01', true, Symbol('s'), () => 1]) {
    clearTimeout(odd);
    clearInterval(odd);
}
clearInterval(setTimeout(never('cleared by clearInterval'), 5));
clearTimeout(setInterval(never('cleared by clearTimeout'), 5));
const d = setTimeout(never('cleared'), 5);
say(typeof d[Symbol.toPrimitive], d[Symbol.toPrimitive]() === +d, `${d}` === String(+d));
clearTimeout(d);
d.refresh();

const parts = [
    function immediate() {
        const i = setImmediate(() => { say('immediate', i.hasRef()); next(); });
        say(i.constructor.name, i.hasRef(), i.unref() === i, i.hasRef(), i.ref() === i, i.hasRef());
        setTimeout(() => say(i.hasRef(), i.ref() === i, i.hasRef()), 0);
    },
    function clearsItself() {
        setTimeout(function () { clearTimeout(this); clearTimeout(this); this.refresh(); say('once'); next(); }, 1);
    },
    function refreshInCallback() {
        let rounds = 0;
        const again = setTimeout(() => { say(`round ${++rounds}`); if (rounds < 3) again.refresh(); else next(); }, 1);
    },
    function refreshFired() {
        let rounds = 0;
        const fired = setTimeout(() => { say(`fired ${++rounds}`); if (rounds === 2) next(); }, 1);
        const wait = () => { if (rounds === 1) fired.refresh(); else setTimeout(wait, 1); };
        wait();
    },
    function refreshActive() {
        const r = setTimeout(() => { say('refreshed comes second'); next(); }, 30);
        setTimeout(() => say('comes first'), 30);
        r.refresh();
    },
    function refreshUnref() {
        const keep = setTimeout(() => { say('kept alive'); next(); }, 20);
        setTimeout(() => say('unref runs meanwhile'), 1).unref().refresh();
    },
    function interval() {
        let n = 0;
        const handle = setInterval(function () {
            say('interval', ++n, this === handle);
            if (n === 3) { handle.close(); next(); }
        }, 1);
    },
];
const next = () => setTimeout(() => parts.shift()?.(), 2);
next();
const lone = setInterval(() => {}, 1).unref();
process.on('exit', () => say('exit', lone.hasRef()));
