// A rejection is judged when the checkpoint ends: handlers of each moment before that, and of the first after it.
const rejected = (name) => Promise.reject(name);
const handle = (promise, moment) => promise.catch((name) => console.log('handled', name, moment));
process.on('unhandledRejection', (name) => console.log('unhandled', name));
process.on('rejectionHandled', () => console.log('handled after all'));

const tick = rejected('a');
process.nextTick(() => handle(tick, 'in a tick'));
const microtask = rejected('b');
queueMicrotask(() => handle(microtask, 'in a microtask'));
const third = rejected('c');
Promise.resolve().then(() => {}).then(() => {}).then(() => handle(third, 'in a third microtask'));
const later = rejected('d');
queueMicrotask(() => process.nextTick(() => queueMicrotask(() => handle(later, 'in a microtask of a tick of a microtask'))));
const immediate = rejected('e');
setImmediate(() => handle(immediate, 'in an immediate'));
const derived = rejected('f').finally(() => {});
handle(derived, 'behind finally');
const both = rejected('g');
Promise.allSettled([both]).then(([{ reason }]) => console.log('settled', reason));
(async () => {
    const waiting = rejected('h');
    await null;
    try { await waiting; } catch (name) { console.log('caught', name); }
})();
