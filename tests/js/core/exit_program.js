// Calls exit() in the place that the argument names: exit_everywhere.sh runs it.
const never = (what) => console.log('must not run:', what);
process.on('exit', (code) => {
    console.log('exit', code);
    setTimeout(never, 0, 'timer');
    setInterval(never, 0, 'interval');
    setImmediate(never, 'immediate');
    process.nextTick(never, 'tick');
    queueMicrotask(() => never('microtask'));
    Promise.resolve().then(() => never('promise'));
    Promise.reject(new Error('not reported'));
    process.on('exit', () => never('a listener added in one'));
});
process.on('beforeExit', () => never('beforeExit'));
const leave = () => {
    try { process.exit(4); never('after exit'); } catch { never('catch'); } finally { never('finally'); }
};
const closing = { [Symbol.iterator]: () => ({ next: () => ({ value: 1, done: false }), return() { never('return()'); return {}; } }) };
const places = {
    main: leave,
    timer: () => setTimeout(leave, 1),
    interval: () => setInterval(leave, 1),
    immediate: () => setImmediate(leave),
    tick: () => process.nextTick(leave),
    microtask: () => queueMicrotask(leave),
    reaction: () => Promise.resolve().then(leave).finally(() => never('finally of the promise')),
    async: async () => { try { await null; leave(); } finally { never('finally of async'); } },
    generator: () => { const g = (function* () { try { yield 1; leave(); } finally { never('finally of a generator'); } })(); g.next(); g.next(); },
    loop: () => { for (const _ of closing) leave(); },
    destructuring: () => { const [a = leave()] = { [Symbol.iterator]: () => ({ next: () => ({ value: undefined, done: false }), return() { never('return()'); return {}; } }) }; },
    getter: () => String({ get [Symbol.toPrimitive]() { return leave(); } }),
    sort: () => [3, 2, 1].sort(leave),
    replace: () => 'abc'.replace(/b/, leave),
    json: () => JSON.stringify({ toJSON: leave }),
    proxy: () => Object.keys(new Proxy({}, { ownKeys: leave })),
    listener: () => { process.on('mine', leave); process.on('mine', () => never('the next listener')); process.emit('mine'); },
    uncaught: () => { process.on('uncaughtException', leave); setTimeout(never, 1, 'timer'); throw new Error('leads to the listener'); },
    unhandled: () => { process.on('unhandledRejection', leave); Promise.reject(1); Promise.reject(2); },
    disposal: () => { const stack = { __proto__: null }; try { leave(); } finally { never(stack); } },
    construct: () => new (class extends Array { constructor() { super(); leave(); never('constructor'); } })(),
};
places[process.argv[2]]();
if (!['main', 'generator', 'loop'].includes(process.argv[2])) console.log('script ends');
