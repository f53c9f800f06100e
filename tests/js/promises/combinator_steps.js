// A8 results without done and value: go on with undefined until a later one ends it
// A9 truthy done that is no boolean: ends
// A10 C.resolve or an element's then throws: that error, return() once
// A13 next replaced after the first step: not seen
const names = ['all', 'allSettled', 'any', 'race'];
const told = (reason) => (reason instanceof Error ? `${reason.name}${reason.errors ? ` [${reason.errors.join()}]` : ''}` : reason);
const thrown = Symbol('thrown');
const log = [];

async function attempt(what, start) {
    for (const name of names) {
        log.length = 0;
        await start(name).then(
            (value) => console.log(what, name, 'fulfilled', value, ...log),
            (reason) => console.log(what, name, 'rejected', told(reason), ...log),
        );
    }
}

// An iterator that gives these results, one a step.
function stepping(results, members = {}) {
    let at = 0;
    return {
        [Symbol.iterator]() { return this; },
        next() { log.push(`next ${at}`); return results[at++]; },
        return() { log.push('return()'); return {}; },
        ...members,
    };
}

class Odd {
    constructor(executor) { return new Promise(executor); }
}

async function main() {
    await attempt('A8', (name) => Promise[name](stepping([{}, {}, { value: 1 }, { done: 1 }])));
    await attempt('A8 inherited', (name) => Promise[name](stepping([Object.create({ value: 7 }), Object.create({ done: true })])));
    for (const done of [1, 'false', {}, Symbol('s'), [], () => {}]) {
        await attempt(`A9 ${typeof done}`, (name) => Promise[name](stepping([{ value: 1, done: false }, { value: 2, done }])));
    }
    for (const done of [0, '', null, undefined, NaN, 0n]) {
        await attempt(`A9 not ${String(done)}`, (name) => Promise[name](stepping([{ value: 5, done }, { value: 2, done: true }])));
    }

    const two = () => stepping([{ value: 1, done: false }, { value: 2, done: false }, { done: true }]);
    await attempt('A10 resolve throws', (name) => {
        Odd.resolve = () => { log.push('resolve'); throw thrown; };
        return Promise[name].call(Odd, two());
    });
    await attempt('A10 resolve not callable', (name) => {
        Odd.resolve = null;
        return Promise[name].call(Odd, two());
    });
    await attempt('A10 resolve getter throws', (name) => {
        class Getter extends Odd { static get resolve() { log.push('get resolve'); throw thrown; } }
        return Promise[name].call(Getter, two());
    });
    await attempt('A10 resolve gives no then', (name) => {
        Odd.resolve = () => 1;
        return Promise[name].call(Odd, two());
    });
    await attempt('A10 then throws', (name) => {
        Odd.resolve = (value) => (value === 2 ? { then() { log.push('then'); throw thrown; } } : Promise.resolve(new Promise(() => {})));
        return Promise[name].call(Odd, two());
    });
    await attempt('A10 then getter throws', (name) => {
        Odd.resolve = () => ({ get then() { log.push('get then'); throw thrown; } });
        return Promise[name].call(Odd, two());
    });
    await attempt('A10 return throws too', (name) => {
        Odd.resolve = () => { throw thrown; };
        return Promise[name].call(Odd, stepping([{ value: 1 }], { return() { log.push('return()'); throw 'another'; } }));
    });
    await attempt('A10 return gives a primitive', (name) => {
        Odd.resolve = () => { throw thrown; };
        return Promise[name].call(Odd, stepping([{ value: 1 }], { return() { log.push('return()'); return 1; } }));
    });
    await attempt('A10 return is no function', (name) => {
        Odd.resolve = () => { throw thrown; };
        return Promise[name].call(Odd, stepping([{ value: 1 }], { return: 1 }));
    });
    await attempt('A10 own then of a promise', (name) => {
        const promise = Promise.resolve(1);
        promise.then = () => { throw thrown; };
        return Promise[name](stepping([{ value: promise }, { value: 2 }, { done: true }]));
    });

    await attempt('A13', (name) => {
        let at = 0;
        const iterator = {
            [Symbol.iterator]() { return this; },
            next() {
                iterator.next = () => { log.push('the new next'); return { done: true }; };
                return { value: Promise.resolve(at), done: ++at > 3 };
            },
        };
        return Promise[name](iterator);
    });
    await attempt('A13 next is read once', (name) => {
        let at = 0;
        return Promise[name]({ [Symbol.iterator]: () => ({ get next() { log.push('get next'); return () => ({ value: at, done: ++at > 3 }); } }) });
    });
    await attempt('A13 iterator is asked once', (name) => {
        const source = [1, 2];
        return Promise[name](Object.defineProperty(source, Symbol.iterator, { get() { log.push('get iterator'); return Array.prototype.values; } }));
    });
}
main();
