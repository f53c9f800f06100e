// A11 string, Set, Map, typed array, arguments, generator: all elements, in order
// A12 array with its own iterator; changed Array.prototype[Symbol.iterator]: used
// A14 thenables, plain values, settled and pending promises mixed: values by position
const names = ['all', 'allSettled', 'any', 'race'];
const text = (value) => JSON.stringify(value, (key, v) => (typeof v === 'bigint' ? `${v}n` : v === undefined ? 'undefined' : v));

async function attempt(what, make) {
    for (const name of names) {
        await Promise[name](make()).then(
            (value) => console.log(what, name, text(value)),
            (reason) => console.log(what, name, 'rejected', reason?.name, text(reason?.errors ?? reason)),
        );
    }
}

const later = (value, ms) => new Promise((resolve) => setTimeout(resolve, ms, value));
const laterFail = (value, ms) => new Promise((_, reject) => setTimeout(reject, ms, value));

async function main() {
    await attempt('A11 string', () => 'a\u{1f600}b\ud800');
    await attempt('A11 String', () => new String('xy'));
    await attempt('A11 Set', () => new Set([3, 1, 2, 3]));
    await attempt('A11 Map', () => new Map([['k', 1], ['l', 2]]));
    await attempt('A11 typed array', () => new Uint8Array([9, 8, 7]));
    await attempt('A11 BigInt64Array', () => new BigInt64Array([1n, -2n]));
    await attempt('A11 arguments', () => (function () { return arguments; })('p', 'q'));
    await attempt('A11 generator', () => (function* () { yield 1; yield Promise.resolve(2); return 3; })());
    await attempt('A11 holes', () => [, 1, , 2]);
    await attempt('A11 nested iterator', () => [1, 2].entries());
    await attempt('A11 keys of a growing map', () => {
        const map = new Map([[0, 0]]);
        return { *[Symbol.iterator]() { for (const [key] of map) { if (key < 4) map.set(key + 1, 0); yield key; } } };
    });
    await attempt('A11 proxy', () => new Proxy([1, 2, 3], {}));

    await attempt('A12 own', () => Object.assign([1, 2, 3], { *[Symbol.iterator]() { yield 'own'; } }));
    const values = Array.prototype[Symbol.iterator];
    Array.prototype[Symbol.iterator] = function* () { for (let i = 0; i < this.length; i++) yield `changed ${this[i]}`; };
    const changed = names.map((name) => Promise[name]([1, 2]));
    Array.prototype[Symbol.iterator] = values;
    for (const promise of changed) console.log('A12 prototype', text(await promise));
    const next = Object.getPrototypeOf([].values()).next;
    Object.getPrototypeOf([].values()).next = function () { const r = next.call(this); return r.done ? r : { value: `${r.value}!`, done: false }; };
    const nexts = [];
    nexts[0] = Promise.all([1, 2]);
    nexts[1] = Promise.race([1, 2]);
    Object.getPrototypeOf([].values()).next = next;
    console.log('A12 next of arrays', text(await nexts[0]), text(await nexts[1]));

    const mixed = () => [
        later('pending', 3),
        'plain',
        { then(resolve) { resolve('thenable'); } },
        Promise.resolve('settled'),
        { then(resolve) { setTimeout(resolve, 1, 'late thenable'); } },
        undefined,
        Promise.resolve(later('nested', 1)),
        { then: 'no function' },
        (async () => { await null; return 'async'; })(),
    ];
    await attempt('A14', mixed);
    await attempt('A14 with rejections', () => [laterFail('late', 2), { then(_, reject) { reject('thenable says no'); } }, Promise.reject('settled'), later('ok', 4)]);
    await attempt('A14 all rejected', () => [laterFail('first', 3), Promise.reject('second'), laterFail('third', 1), { then() { throw 'fourth'; } }]);
    await attempt('A14 pending first', () => [new Promise(() => {}), Promise.reject('r')].slice(1));
}
main();
