// Ticks, microtasks and immediates that queue each other from inside immediates and from a file's callback.
const { readFile } = require('node:fs/promises');
const steps = [];
const step = (name) => steps.push(name);

function queueAll(tag, depth) {
    setImmediate(() => {
        step(`${tag} immediate`);
        if (depth > 0) queueAll(`${tag}+`, depth - 1);
    });
    process.nextTick(() => {
        step(`${tag} tick`);
        queueMicrotask(() => step(`${tag} microtask of the tick`));
        process.nextTick(() => step(`${tag} tick of the tick`));
    });
    queueMicrotask(() => {
        step(`${tag} microtask`);
        process.nextTick(() => step(`${tag} tick of the microtask`));
        queueMicrotask(() => step(`${tag} microtask of the microtask`));
    });
    (async () => {
        step(`${tag} async`);
        await { then: (resolve) => { step(`${tag} thenable`); resolve(); } };
        step(`${tag} awaited`);
    })().finally(() => process.nextTick(step, `${tag} tick of finally`));
}

setImmediate(() => queueAll('a', 2));
setImmediate(() => queueAll('b', 1));
process.on('beforeExit', () => {
    if (steps.length === 0) return;
    console.log(steps.splice(0).join('\n'));
    if (process.exitCode === undefined) readFile(__filename).then(() => queueAll('file', 1));
    process.exitCode = 0;
});
