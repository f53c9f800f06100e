/* Libraries are loaded and used after a script spoiled the built-ins. */
'use strict';
const write = console.log;
const { stringify } = JSON;
const { ownKeys, getOwnPropertyDescriptor, defineProperty } = Reflect;
const trap = () => { throw 'reached'; };

const kept = { __proto__: null, constructor: 1, name: 1, length: 1, caller: 1, arguments: 1 };
const spoil = (object) => {
    const keys = ownKeys(object);
    for (let i = 0; i < keys.length; i++) {
        if (!kept[keys[i]] && getOwnPropertyDescriptor(object, keys[i]).configurable) {
            defineProperty(object, keys[i], { __proto__: null, get: trap, configurable: true });
        }
    }
};
const setters = ['then', 'value', 'done', 'code', 'name', 'get', 'set', 'writable', 'enumerable', 'message', 'type',
    'actual', 'expected', 'operator', 'start', 'end', 'kind', 'index', 'dir', 'base'];
for (let i = 0; i < setters.length; i++) {
    defineProperty(Object.prototype, setters[i], { __proto__: null, set: trap, configurable: true });
}
const targets = [Array.prototype, String.prototype, Map.prototype, Set.prototype, RegExp.prototype,
    Function.prototype, Number.prototype, WeakMap.prototype, Object, Reflect, Array, Number, Math, JSON];
for (let i = 0; i < targets.length; i++) spoil(targets[i]);
globalThis.Map = globalThis.Set = globalThis.TypeError = globalThis.RegExp = globalThis.Symbol = trap;

const EventEmitter = require('node:events');
const path = require('node:path');
const util = require('node:util');
const assert = require('node:assert');
const url = require('node:url');

const e = new EventEmitter();
e.on('a', (v) => write(1, v));
e.once('a', (v) => write(2, v));
e.prependListener('a', (v) => write(3, v));
e.emit('a', 'emitted');
e.emit('a', 'again');
write(e.listenerCount('a'), path.join('/a', '..', 'b', 'c'), path.relative('/a/b', '/a/c/d'), path.basename('x/y.z', '.z'),
    path.win32.resolve('C:\\a', '..', 'b'), path.parse('/a/b.c').ext);
write(util.inspect({ a: [1, 2, { b: 'c' }] }), util.format('%s %d', 'x', 5));
write(util.isDeepStrictEqual({ a: [1, 2] }, { a: [1, 2] }), util.isDeepStrictEqual([1], [2]));
write(util.parseArgs({ args: ['--x', '1'], options: { x: { type: 'string' } } }).values.x);
write(url.fileURLToPath('file:///a%20b'), url.pathToFileURL('/c d').href);
const tell = (f) => {
    try { f(); } catch (x) { write(x === 'reached' ? x : x.code + ' ' + x.message); }
};
tell(() => assert.deepStrictEqual({ a: 1, b: 2 }, { a: 1, b: 3 }));
tell(() => assert.strictEqual('a\nb', 'a\nc'));
tell(() => assert.notStrictEqual(1, 1));
tell(() => assert.throws(() => { throw { a: 1 }; }, { a: 2 }));
tell(() => assert.ok(0, 'text'));
tell(() => path.join(1));
tell(() => e.emit('error', 5));
tell(() => util.promisify(1));
write(util.styleText('red', 'x', { validateStream: false }) === '\x1b[31mx\x1b[39m', util.stripVTControlCharacters('\x1b[31mx\x1b[39m'));
