/* Order of listeners, changes while emitting, meta events, questions. */
'use strict';
const EventEmitter = require('node:events');
const name = (list) => list.map((f) => f.name).join();

const e = new EventEmitter();
e.on('newListener', (type, f) => console.log('new', type, f.name));
e.on('removeListener', (type, f) => console.log('removed', type, f.name));
function a() { console.log('a', ...arguments); }
function b() { console.log('b', ...arguments); }
function c() { console.log('c', this === e); }
e.on('x', a);
e.once('x', b);
e.prependListener('x', c);
e.prependOnceListener('x', b);
console.log(name(e.listeners('x')), name(e.rawListeners('x')), e.rawListeners('x')[0].listener === b);
console.log(e.emit('x', 1, 2, 3, 4), e.emit('x'), e.emit('nothing'));
console.log(e.eventNames(), e.listenerCount('x'), e.listenerCount('x', a));
e.off('x', a).off('x', a);
e.removeAllListeners('x');
console.log(e.eventNames());
e.removeAllListeners();
console.log(e.eventNames());

const f = new EventEmitter();
const late = () => console.log('late');
f.on('y', () => { console.log('first'); f.off('y', late); f.on('y', () => console.log('added')); });
f.on('y', late);
f.emit('y');
f.emit('y');
f.once('again', () => { f.emit('again'); console.log('once'); });
f.emit('again');

let count = 0;
const same = () => { count++; };
for (let i = 0; i < 5; i++) f.on('same', same);
f.off('same', same);
f.emit('same');
console.log(count, f.listenerCount('same'));
const key = Symbol('key');
f.on(key, () => console.log('symbol'));
f.emit(key);
console.log(f.eventNames());

const g = new EventEmitter();
g.on('removeListener', (type, l) => console.log('gone', type, l.name));
g.once('a', function one() {});
g.on('a', function two() {});
g.once('a', function three() {});
g.removeAllListeners('a');
g.on('b', function four() {});
g.removeAllListeners();
console.log(g.eventNames());
console.log(new EventEmitter().on('shown', function shown() {}).once('other', () => {}));
console.log(Object.keys(EventEmitter.prototype).join(' '));
console.log(EventEmitter.name, EventEmitter.length, EventEmitter.EventEmitter === EventEmitter,
    EventEmitter.usingDomains, EventEmitter.defaultMaxListeners);
