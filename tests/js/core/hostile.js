// G1 setters on Object.prototype
// G2 globalThis.Promise replaced
// G5 members of process and console redefined
// Built-ins changed by the script do not reach our code.
const log = (...x) => out.push(x.join(' '));
const out = [];
const stdout = process.stdout;
const write = (text) => stdout.write(text);
for (const name of ['then', 'value', 'done', 'code', 'get', 'set', 'writable', 'detail', 'type', 'signal', 'ref']) {
    Object.defineProperty(Object.prototype, name, { __proto__: null, configurable: true, get() { return undefined; }, set() { log('setter of', name); } });
}
const protos = [Array.prototype, Function.prototype, Promise.prototype, Map.prototype, String.prototype];
for (let i = 0; i < protos.length; i++) {
    const keys = Reflect.ownKeys(protos[i]);
    for (let k = 0; k < keys.length; k++) {
        const key = keys[k];
        if (key === 'constructor' || key === 'join' || key === 'push' || key === 'length' || key === 'name') continue;
        const value = () => { throw new Error('changed'); };
        try { Object.defineProperty(protos[i], key, { __proto__: null, value }); } catch {}
    }
}
Array.prototype[Symbol.iterator] = function () { throw new Error('iterator'); };
globalThis.Promise = function () { throw new Error('Promise'); };
globalThis.setTimeout = ((real) => real)(setTimeout);
process.on('uncaughtException', (value, origin) => log('uncaught', value, origin));
process.on('unhandledRejection', (reason) => log('unhandled', reason));
process.once('warning', (w) => log(w.name));
process.emitWarning('w', 'Mine');
process.nextTick(() => { throw 'tick'; });
queueMicrotask(() => { throw 'microtask'; });
setTimeout(() => { throw 'timer'; }, 1);
(async () => { await 1; throw 'async'; })();
process.exitCode = 0;
delete process.nextTick;
delete process.stdout;
delete console.log;
delete process.hrtime;
setTimeout(() => write(out.join('\n') + '\n'), 20);
process.on('exit', (code) => write('exit ' + code + '\n'));
