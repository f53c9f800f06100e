// B1 then getter throws: rejected; read once
// B2 then is 0, {}, null: fulfilled with the object itself
// B3 then is called from a microtask, never inside resolve
// B4 ten thenables in each other: value, job count exact
// B5 resolving with itself: TypeError
// B6 Promise.resolve(p) is p, not for a subclass; reject keeps a promise or thenable as reason
const told = (reason) => (reason instanceof Error ? reason.name : reason);
const shown = (what) => (promise) => promise.then((v) => console.log(what, 'fulfilled', v), (r) => console.log(what, 'rejected', told(r)));
const ways = {
    resolve: (x) => Promise.resolve(x),
    executor: (x) => new Promise((resolve) => resolve(x)),
    returned: (x) => Promise.resolve().then(() => x),
    caught: (x) => Promise.reject().catch(() => x),
    async: async (x) => x,
    awaited: async (x) => await x,
    all: (x) => Promise.all([x]).then(([v]) => v),
    race: (x) => Promise.race([x]),
    any: (x) => Promise.any([x]).catch((e) => { throw e.errors[0]; }),
    settled: (x) => Promise.allSettled([x]).then(([r]) => { if ('reason' in r) throw r.reason; return r.value; }),
};

// How many turns of the microtask queue pass until a promise is settled.
function jobs(promise) {
    let count = 0, done = false;
    const end = () => { done = true; };
    promise.then(end, end);
    return new Promise((resolve) => {
        const step = () => { if (done) resolve(count); else { count++; queueMicrotask(step); } };
        step();
    });
}

async function main() {
    for (const [way, make] of Object.entries(ways)) {
        let reads = 0;
        await shown(`B1 ${way}`)(make({ get then() { reads++; throw 'from the getter'; } }));
        console.log('reads', reads);
        reads = 0;
        await shown(`B1 ${way} good getter`)(make({ get then() { reads++; return (resolve) => resolve(`read ${reads}`); } }));
        for (const then of [0, {}, null, undefined, 'x', true, Symbol.iterator]) {
            const object = { then };
            console.log('B2', way, typeof then, (await make(object).then((v) => v === object, told)));
        }
        const order = [];
        const promise = make({ then(resolve) { order.push('then'); resolve('value'); order.push('resolved'); } });
        order.push('made');
        await promise;
        console.log('B3', way, order.join());
        let nested = { then(resolve) { resolve('innermost'); } };
        for (let i = 0; i < 9; i++) { const inner = nested; nested = { then(resolve) { resolve(inner); } }; }
        const ten = make(nested);
        console.log('B4', way, await jobs(ten), await ten);
        let chain = Promise.resolve('native');
        for (let i = 0; i < 9; i++) { const inner = chain; chain = new Promise((resolve) => resolve(inner)); }
        const native = make(chain);
        console.log('B4', way, 'native', await jobs(native), await native);
        // Only the first call of the functions a thenable gets counts, thrown or called.
        await shown(`B1 ${way} resolves then throws`)(make({ then(resolve) { resolve(1); throw 2; } }));
        await shown(`B1 ${way} rejects then resolves`)(make({ then(resolve, reject) { reject(1); resolve(2); reject(3); } }));
        await shown(`B1 ${way} throws late`)(make({ then(resolve) { resolve({ then(r) { setTimeout(r, 1, 'slow'); } }); throw 'ignored'; } }));
    }

    let resolveSelf;
    const self = new Promise((resolve) => { resolveSelf = resolve; });
    resolveSelf(self);
    await shown('B5 executor')(self);
    const chained = Promise.resolve().then(() => chained);
    await shown('B5 then')(chained);
    const finallySelf = Promise.resolve(1).finally(() => finallySelf.x);
    await shown('B5 finally')(finallySelf);
    const viaThenable = new Promise((resolve) => { resolveSelf = resolve; });
    resolveSelf({ then(r) { r(viaThenable); } });
    await shown('B5 thenable')(viaThenable);

    class Sub extends Promise {}
    const p = Promise.resolve(1), s = Sub.resolve(1);
    console.log('B6', Promise.resolve(p) === p, Sub.resolve(p) === p, Sub.resolve(s) === s, Promise.resolve(s) === s, Sub.resolve(p) instanceof Sub);
    p.constructor = Sub;
    console.log('B6', Promise.resolve(p) === p, Sub.resolve(p) === p);
    const pending = new Promise(() => {}), thenable = { then() { console.log('must not be called'); } };
    for (const reason of [pending, thenable, Promise.resolve(2)]) {
        console.log('B6', await Promise.reject(reason).catch((r) => r === reason || 'another').then((x) => x));
        await new Promise((_, reject) => reject(reason)).then(null, (r) => { console.log('B6', r === reason); });
    }
    for (const odd of [undefined, null, 1, {}, () => {}]) {
        try { Promise.resolve.call(odd, 1); console.log('B6 called'); } catch (error) { console.log('B6', typeof odd, error.name); }
    }
}
main();
