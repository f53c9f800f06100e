// G1 setters on Object.prototype for then, value, done, code, name, get, set: our objects unaffected
// What our code makes for a script has own properties; nothing it reads or writes meets the script's.
const names = ['then', 'value', 'done', 'code', 'name', 'get', 'set', 'message', 'stack', 'cause', 'writable', 'enumerable',
    'configurable', 'type', 'detail', 'errno', 'syscall', 'path', 'once', 'listener', 'signal', 'resolve', 'reject', 'next',
    'return', 'length', '0', '1', 'exports', 'default', 'ref', 'status', 'reason', 'start', 'duration', 'capture',
    'passive', 'transfer', 'fatal', 'stream', 'ignoreBOM', 'bubbles', 'cancelable', 'encoding', 'flag', 'mode', 'recursive', 'toJSON',
    'columns', 'isTTY', 'depth', 'colors', 'showHidden', 'origin', 'captureRejections', 'persistent'];
const out = [];
const hits = { __proto__: null };
const { defineProperty } = Object;
const own = (object, key) => Object.getOwnPropertyDescriptor(object, key) !== undefined;
const write = process.stdout.write.bind(process.stdout);
const fs = require('fs'), util = require('util'), path = require('path'), assert = require('assert'), events = require('events');
const timersPromises = require('timers/promises');

// The engine itself looks up then, constructor and next of what it is given, as ECMA-262 says: here
// getters give undefined and only setters are counted, but for those names.
for (const name of names) {
    defineProperty(Object.prototype, name, {
        __proto__: null, configurable: true,
        get() { return undefined; },
        set(value) { hits[name] = (own(hits, name) ? hits[name] : 0) + 1; defineProperty(this, name, { __proto__: null, value, writable: true, enumerable: true, configurable: true }); },
    });
}
function note(what, ...values) {
    let text = what;
    for (let i = 0; i < values.length; i++) text += ` ${String(values[i])}`;
    out[out.length] = text;
}
function attempt(what, fn) {
    try {
        note(what, fn());
    } catch (error) {
        note(what, 'threw', error.name, own(error, 'code') ? error.code : '-', own(error, 'message'));
    }
}
process.exitCode = 0;
attempt('setTimeout', () => typeof setTimeout(() => note('timer ran'), 1, 2, 3));
attempt('setImmediate', () => typeof setImmediate(() => note('immediate ran')));
attempt('nextTick', () => process.nextTick((...args) => note('tick', args.length), 1, 2));
attempt('wrong callback', () => setTimeout(1));
attempt('wrong callback of a tick', () => process.nextTick({}));
attempt('exitCode', () => { process.exitCode = 'x'; });
attempt('exit range', () => process.exit(1.5));
attempt('emit', () => { process.on('mine', (v) => note('mine', v)); return process.emit('mine', 1); });
attempt('emit error', () => process.emit('error', 1));
attempt('emitter', () => { const e = new events(); e.once('a', () => note('a')); e.emit('a'); return e.listenerCount('a'); });
attempt('listener kind', () => process.on('x', 1));
attempt('emitWarning', () => { process.removeAllListeners('warning'); process.once('warning', (w) => note('warning', w.name, own(w, 'code') ? w.code : '-')); process.emitWarning('text', { type: 'T', code: 'C' }); });
attempt('emitWarning kind', () => process.emitWarning(1));
attempt('hrtime', () => typeof process.hrtime()[0]);
attempt('memoryUsage', () => own(process.memoryUsage(), 'rss'));
attempt('versions', () => Object.keys(process.versions).length > 0);
attempt('inspect', () => util.inspect({ a: 1, value: [1], then: new Map([[1, { get: 2 }]]) }));
attempt('inspect class', () => util.inspect(new (class Foo { x = 1; })()));
attempt('format', () => util.format('%s %d %j %o', 'a', 1, { b: 2 }, [3]));
attempt('inspect error', () => util.inspect(new TypeError('text')).split('\n')[0]);
attempt('readFileSync', () => fs.readFileSync('nowhere'));
attempt('readFileSync text', () => fs.readFileSync(__filename, 'utf8').slice(0, 5));
attempt('statSync', () => fs.statSync(__filename).isFile());
attempt('path', () => JSON.stringify([path.parse('/a/b.c').base, path.format({ dir: 'a', base: 'b' })]));
attempt('assert', () => assert.strictEqual(1, 2));
attempt('assert throws', () => assert.throws(() => { throw new Error('x'); }, { message: 'x' }));
attempt('deep', () => util.isDeepStrictEqual({ a: [1] }, { a: [1] }));
attempt('require', () => require('./nowhere'));
attempt('require bad', () => require('node:nowhere'));
attempt('promisify', () => typeof util.promisify(setTimeout));
fs.promises.readFile('nowhere').then(null, (e) => note('promises', e.code, own(e, 'code'), own(e, 'path'), e.errno < 0));
fs.promises.readFile(__filename, 'utf8').then((text) => note('promises text', text.length > 100));
timersPromises.setTimeout(1, 'v').then((v) => note('timers/promises', v));
import('./nowhere.mjs').then(null, (e) => note('import', e.code));
import('node:path').then((m) => note('import path', typeof m.join));
process.once('unhandledRejection', (reason) => note('unhandled', reason));
Promise.reject('r');
setTimeout(() => {
    let text = '';
    const seen = Object.keys(hits);
    for (let i = 0; i < seen.length; i++) text += `${seen[i]} `;
    for (const name of names) delete Object.prototype[name];
    out.sort();
    write(`${out.join('\n')}\nsetters that ran: ${text}\n`);
}, 60);
