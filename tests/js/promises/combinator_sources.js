// A1 source null, undefined, 1, {}: rejected, no synchronous throw
// A2 Symbol.iterator not callable or null
// A3 the getter of Symbol.iterator or its call throws: that value
// A4 the factory returns a primitive: next never called
// A5 next missing or not callable: return() not called
// A6 next throws a value that is no Error: that value, return() not called
// A7 next returns a primitive: return() not called
// Each for all, allSettled, any and race, one after the other, so that the order is plain.
const names = ['all', 'allSettled', 'any', 'race'];
const log = [];

// What a rejection was: thrown values by themselves, TypeErrors by their class.
const told = (reason) => (reason instanceof TypeError ? 'TypeError' : reason);

async function attempt(what, source) {
    for (const name of names) {
        log.length = 0;
        let promise;
        try {
            promise = Promise[name](typeof source === 'function' ? source() : source);
        } catch (error) {
            console.log(what, name, 'threw synchronously', told(error));
            continue;
        }
        if (!(promise instanceof Promise)) console.log(what, name, 'is no promise');
        await promise.then(
            (value) => console.log(what, name, 'fulfilled', value, ...log),
            (reason) => console.log(what, name, 'rejected', told(reason), ...log),
        );
    }
}

// An iterable whose iterator is this object; its return() is noted.
const iterable = (iterator) => () => ({ [Symbol.iterator]: () => iterator });
const closing = (members) => iterable({ return() { log.push('return()'); return {}; }, ...members });
const thrown = Symbol('thrown');

async function main() {
    for (const source of [null, undefined, 1, {}, true, 1n, Symbol('s'), () => {}, /x/, new WeakMap()]) {
        await attempt(`A1 ${String(source?.constructor?.name ?? source)}`, () => source);
    }
    await attempt('A1 no argument', undefined);

    for (const method of [null, undefined, 1, {}, 'x', Symbol('s')]) {
        await attempt(`A2 ${String(method)}`, () => ({ [Symbol.iterator]: method }));
    }

    await attempt('A3 getter', () => ({ get [Symbol.iterator]() { log.push('get'); throw thrown; } }));
    await attempt('A3 call', () => ({ [Symbol.iterator]() { log.push('call'); throw thrown; } }));
    await attempt('A3 undefined', () => ({ [Symbol.iterator]() { throw undefined; } }));
    await attempt('A3 proxy', () => new Proxy({}, { get(_, key) { log.push(String(key)); throw thrown; } }));

    for (const made of [undefined, null, 1, 'text', true, Symbol('s'), 1n]) {
        Object.defineProperty(Object.prototype, 'next', { configurable: true, get() { log.push('next read'); } });
        await attempt(`A4 ${String(made)}`, iterable(made));
        delete Object.prototype.next;
    }

    for (const next of [undefined, null, 1, {}, 'x']) await attempt(`A5 ${String(next)}`, closing({ next }));
    await attempt('A5 missing', closing({}));
    await attempt('A5 getter throws', iterable({ get next() { log.push('get next'); throw thrown; }, return() { log.push('return()'); } }));

    for (const value of [thrown, undefined, null, 0, 'text', {}]) {
        await attempt(`A6 ${typeof value}`, closing({ next() { log.push('next'); throw value; } }));
    }
    let calls = 0;
    await attempt('A6 at the third', () => {
        calls = 0;
        return closing({ next() { if (++calls === 3) throw thrown; return { value: new Promise(() => {}), done: false }; } })();
    });

    for (const result of [1, 'x', null, undefined, true, Symbol('s'), 1n]) {
        await attempt(`A7 ${String(result)}`, closing({ next: () => { log.push('next'); return result; } }));
    }
    // Getters of the result that throw: the iterator counts as ended too.
    await attempt('A7 done throws', closing({ next: () => ({ get done() { throw thrown; } }) }));
    await attempt('A7 value throws', closing({ next: () => ({ done: false, get value() { throw thrown; } }) }));
}
main();
