// D5 cross clear; wrong kinds and foreign values ignored
// The wrong kind is never cleared, foreign values are ignored.
const out = [];
const t = setTimeout(() => out.push('timeout'), 1);
const i = setImmediate(() => out.push('immediate'));
clearImmediate(t);
clearTimeout(i);
clearInterval(i);
for (const odd of [1e300, -1, {}, NaN, null, undefined, 'x', '', '01', true, Symbol('s'), () => 1, 1n]) {
    clearTimeout(odd);
    clearInterval(odd);
    clearImmediate(odd);
}
const n = setTimeout(() => out.push('number'), 1);
const id = +n;
for (const odd of [`0${id}`, ` ${id}`, `${id}.0`, id + 0.5, -id, BigInt(id), [id], { valueOf: () => id }]) {
    clearTimeout(odd);
}
for (const wrong of [null, {}, i, t, 1]) {
    for (const method of [t.ref, t.hasRef, t.refresh, t.close, i.ref, i.hasRef]) {
        try {
            if ((wrong === t && method !== i.ref && method !== i.hasRef) || (wrong === i && (method === i.ref || method === i.hasRef))) continue;
            method.call(wrong);
            out.push('took a wrong receiver');
        } catch (error) {
            if (!(error instanceof TypeError)) out.push(error.name);
        }
    }
}
for (const Class of [t.constructor, i.constructor]) {
    for (const make of [() => Class(), () => new Class(() => {}, 1)]) {
        try { make(); out.push('made'); } catch (error) { out.push(error.name); }
    }
}
setTimeout(() => console.log(out.sort().join('\n')), 30);
