// B7 subclass and species decide the class of results
// B8 empty inputs: [], [], AggregateError of none, pending and the program ends
// B9 any with all rejected: errors by position
// B10 finally passes, replaces, waits
class Sub extends Promise {}
class Other extends Promise {}
class Specied extends Promise { static get [Symbol.species]() { return Other; } }
const kind = (promise) => promise.constructor.name;
const told = (reason) => (reason instanceof Error ? `${reason.name} ${reason.message}` : reason);

async function main() {
    for (const C of [Promise, Sub, Specied]) {
        const p = C.resolve(1);
        p.catch(() => {});
        console.log('B7', C.name, kind(p), kind(p.then()), kind(p.catch()), kind(p.finally(() => {})), kind(C.reject(1).then(null, () => {})));
        console.log('B7', kind(C.all([])), kind(C.allSettled([])), kind(C.race([1])), kind(C.any([1])), kind(new C(() => {})));
        console.log('B7', Object.getPrototypeOf(p.then()) === (C === Specied ? Other : C).prototype, (async () => p)() instanceof C);
    }
    for (const species of [undefined, null]) {
        class Plain extends Promise {}
        Object.defineProperty(Plain, Symbol.species, { value: species });
        console.log('B7 species', String(species), kind(Plain.resolve(1).then()));
    }
    for (const species of [1, 'x', {}, () => {}, Math.max]) {
        class Bad extends Promise {}
        Object.defineProperty(Bad, Symbol.species, { value: species });
        try { Bad.resolve(1).then(); console.log('B7 taken'); } catch (error) { console.log('B7', typeof species, error.name); }
    }
    const odd = Promise.resolve(1);
    odd.constructor = { [Symbol.species]: Other };
    console.log('B7 own constructor', Object.getPrototypeOf(odd.then()) === Other.prototype);
    odd.constructor = undefined;
    console.log('B7 no constructor', Object.getPrototypeOf(odd.then()) === Promise.prototype);
    odd.constructor = 1;
    try { odd.then(); } catch (error) { console.log('B7 primitive constructor', error.name); }
    const calls = [];
    class Counted extends Promise { constructor(executor) { calls.push('new'); super(executor); } then(...args) { calls.push('then'); return super.then(...args); } }
    await Counted.all([1, Counted.resolve(2)]);
    console.log('B7', calls.join());
    calls.length = 0;
    await (async () => Counted.resolve(3))();
    console.log('B7 awaited', calls.join());
    for (const executor of [undefined, null, 1, {}]) {
        try { new Promise(executor); } catch (error) { console.log('B7', typeof executor, error.name); }
    }
    try { Promise(() => {}); } catch (error) { console.log('B7 no new', error.name); }

    console.log('B8', await Promise.all([]), await Promise.allSettled([]));
    await Promise.any([]).catch((error) => console.log('B8', error.name, error.errors, error instanceof AggregateError, Object.getOwnPropertyDescriptor(error, 'errors').enumerable));
    let settled = false;
    Promise.race([]).finally(() => { settled = true; });
    await null; await null; await null;
    console.log('B8 race', settled);

    const late = (value, ms) => new Promise((_, reject) => setTimeout(reject, ms, value));
    await Promise.any([late('a', 3), Promise.reject('b'), late('c', 1), { then(_, reject) { reject('d'); } }])
        .catch((error) => console.log('B9', error.name, error.errors, 'cause' in error));
    await Promise.any(new Set([Promise.reject(undefined), Promise.reject(null)])).catch((error) => console.log('B9', error.errors));

    const report = (what) => (promise) => promise.then((v) => console.log('B10', what, 'fulfilled', v), (r) => console.log('B10', what, 'rejected', told(r)));
    await report('passes a value')(Promise.resolve(1).finally((...args) => { console.log('arguments', args.length); return 2; }));
    await report('passes a reason')(Promise.reject('r').finally((...args) => { console.log('arguments', args.length); return 2; }));
    await report('replaced by a throw')(Promise.resolve(1).finally(() => { throw 'thrown'; }));
    await report('replaced by a rejection')(Promise.reject('r').finally(() => Promise.reject('other')));
    await report('no function')(Promise.resolve(1).finally(5));
    await report('no function, rejected')(Promise.reject('r').finally(undefined));
    const order = [];
    await report('waits')(Promise.resolve('value').finally(() => new Promise((resolve) => setTimeout(() => { order.push('waited'); resolve('ignored'); }, 2))).then((v) => { order.push(v); return order.join(); }));
    await report('waits for a thenable')(Promise.reject('reason').finally(() => ({ then(resolve) { setTimeout(() => { order.push('thenable'); resolve(); }, 1); } })));
    console.log('B10', order.join());
    const plain = { then(...args) { return args.length; } };
    console.log('B10 generic', Promise.prototype.finally.call(plain, () => {}), Promise.prototype.catch.call(plain, () => {}));
    for (const odd of [undefined, null, 1, 'x']) {
        try { Promise.prototype.finally.call(odd, () => {}); console.log('called'); } catch (error) { console.log('B10', String(odd), error.name); }
    }
    await Promise.race([]); // the program ends all the same
    console.log('never');
}
process.on('exit', (code) => console.log('exit', code));
main();
