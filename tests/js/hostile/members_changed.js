// G5 members of process and console deleted or redefined in a callback
const write = process.stdout.write.bind(process.stdout);
const say = (...x) => write(`${x.join(' ')}\n`);
const real = { log: console.log, nextTick: process.nextTick, on: process.on };
setTimeout(() => {
    for (const name of Object.getOwnPropertyNames(console)) {
        if (name.startsWith('_') || typeof console[name] !== 'function') continue;
        delete console[name];
    }
    say('log' in console, typeof console.log);
    real.log('the method taken before still works', { a: [1] });
    for (const name of ['nextTick', 'on', 'emitWarning', 'listeners', 'listenerCount', 'removeListener']) {
        try { Object.defineProperty(process, name, { configurable: true, get() { say('read', name); return undefined; }, set() { say('written', name); } }); } catch (error) { say(name, error.name); }
    }
    real.nextTick.call(process, () => say('tick'));
    Promise.resolve().then(() => say('promise'));
}, 1);
setTimeout(() => {
    for (const name of ['setTimeout', 'setImmediate', 'queueMicrotask', 'clearTimeout', 'console', 'process', 'global', 'globalThis']) say(name, delete globalThis[name]);
    say(typeof setTimeout, typeof console, typeof process);
    (async () => { await null; say('still awaits'); })();
}, 10);
setTimeout(() => say('still fires'), 20);
