/* Wrong arguments, 'error' without a listener, the monitor, the leak warning. */
'use strict';
const EventEmitter = require('node:events');
const e = new EventEmitter();
const tell = (f) => {
    try {
        const result = f();
        console.log('ok', typeof result);
    } catch (x) {
        console.log(x.name, x.code, x.message, x.context, String(x));
    }
};
for (const value of [-1, 'x', null, NaN, {}]) tell(() => e.setMaxListeners(value));
for (const value of [undefined, {}, 'x', null]) {
    tell(() => e.on('x', value));
    tell(() => e.once('x', value));
    tell(() => e.off('x', value));
    tell(() => e.prependListener('x', value));
}
for (const value of [-1, '1']) tell(() => { EventEmitter.defaultMaxListeners = value; });
for (const value of [1, 'x']) tell(() => { EventEmitter.captureRejections = value; });
tell(() => new EventEmitter({ captureRejections: 1 }));
tell(() => e.emit('error'));
for (const value of [undefined, null, 'text', 7, { a: 1 }, Object.create(null), Symbol('s')]) {
    tell(() => e.emit('error', value));
}
const error = new RangeError('mine');
tell(() => e.emit('error', error));
e.on(EventEmitter.errorMonitor, (x) => console.log('monitor', x.message));
tell(() => e.emit('error', error));
e.on('error', (x) => console.log('listener', x === error));
tell(() => e.emit('error', error));
tell(() => EventEmitter.getEventListeners({}, 'x'));
tell(() => EventEmitter.on({}, 'x'));
tell(() => EventEmitter.on(e, 'x', { highWaterMark: 0 }));
tell(() => EventEmitter.getMaxListeners({}));
tell(() => EventEmitter.setMaxListeners(1, {}));
tell(() => EventEmitter.setMaxListeners(-1, e));
EventEmitter.once({}, 'x').catch((x) => console.log(x.code, x.message));
EventEmitter.once(e, 'x', { signal: 1 }).catch((x) => console.log(x.code, x.message));

class Leaky extends EventEmitter {}
const leaky = new Leaky();
process.removeAllListeners('warning');
process.on('warning', (w) => console.log(w.name, w.message, String(w.type), w.count,
    w.emitter === leaky, Object.keys(w).join()));
for (let i = 0; i < 13; i++) leaky.on('a', () => {});
const s = Symbol('s');
leaky.setMaxListeners(1);
leaky.on(s, () => {}).once(s, () => {});
leaky.setMaxListeners(0);
for (let i = 0; i < 40; i++) leaky.on('c', () => {});
console.log(leaky.getMaxListeners(), EventEmitter.getMaxListeners(leaky));
