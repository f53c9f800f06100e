// C2 await, then, thenable, nested promise, queueMicrotask: twenty steps of each, side by side
// Every line is one job; which job comes when is what ECMA-262 says.
const log = [];
const say = (name, step) => log.push(`${name}${step}`);
const N = 20;

async function awaits() { for (let i = 1; i <= N; i++) { await i; say('a', i); } }
function thens(promise, i = 1) { return i > N ? promise : thens(promise.then(() => say('t', i)), i + 1); }
async function thenables() { for (let i = 1; i <= N; i++) { await { then(resolve) { say('h', i); resolve(); } }; say('H', i); } }
async function natives() { for (let i = 1; i <= N; i++) { await new Promise((resolve) => resolve(Promise.resolve())); say('n', i); } }
async function returned(i) { return Promise.resolve(i); }
async function returns() { for (let i = 1; i <= N; i++) { await returned(i); say('r', i); } }
function micro(i = 1) { if (i <= N) queueMicrotask(() => { say('q', i); micro(i + 1); }); }
async function* numbers() { for (let i = 1; i <= N; i++) { say('y', i); yield i; } }
async function generators() { for await (const i of numbers()) say('g', i); }
async function* delegating() { yield* numbers2(); }
async function* numbers2() { for (let i = 1; i <= 3; i++) yield Promise.resolve(i); }
async function delegated() { for await (const i of delegating()) say('d', i); }
async function syncIterables() { for await (const i of [Promise.resolve(1), 2, Promise.resolve(3)]) say('s', i); }
async function loops() { for (const [i, p] of Object.entries([Promise.all([1, Promise.resolve(2)]), Promise.race([1]), Promise.allSettled([]), Promise.any([1])])) { await p; say('c', i); } }
async function finals() { for (let i = 1; i <= 5; i++) { await Promise.resolve().finally(() => {}); say('f', i); } }
async function throwing() { for (let i = 1; i <= 5; i++) { try { await (async () => { throw i; })(); } catch (e) { say('x', e); } } }

awaits(); thens(Promise.resolve()); thenables(); natives(); returns(); micro(); generators(); delegated(); syncIterables(); loops(); finals(); throwing();
process.nextTick(() => { say('tick', 1); Promise.resolve().then(() => say('tp', 1)); process.nextTick(() => say('tick', 2)); });
setTimeout(() => {
    for (let i = 0; i < log.length; i += 12) console.log(log.slice(i, i + 12).join(' '));
    // Requests of one async generator queue up, and are answered in order.
    const g = (async function* () { try { yield 1; await null; yield Promise.resolve(2); yield* [3]; return 4; } finally { log.push('finally'); } })();
    log.length = 0;
    for (const [i, p] of [g.next(), g.next(), g.next(), g.next(), g.next()].entries()) p.then((r) => log.push(`${i}:${r.value},${r.done}`));
    setTimeout(() => console.log(log.join(' ')), 1);
}, 1);
