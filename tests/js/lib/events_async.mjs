/* once, on, captured rejections. */
import EventEmitter, { on, once } from 'node:events';

const e = new EventEmitter();
const later = (...args) => setImmediate(() => e.emit(...args));

later('a', 1, 2);
console.log(await once(e, 'a'), e.eventNames());
later('error', new Error('bad'));
await once(e, 'a').catch((x) => console.log(x.message));
later('error', 5);
console.log(await once(e, 'error'), e.eventNames());

const closing = on(e, 'v', { close: ['end'] });
e.emit('v', 1);
e.emit('v', 2, 3);
setImmediate(() => { e.emit('v', 4); e.emit('end'); });
for await (const args of closing) console.log(args);
console.log(e.eventNames(), await closing.next());

const failing = on(e, 'v');
later('error', new Error('fails'));
try {
    for await (const args of failing) console.log(args);
} catch (x) {
    console.log(x.message);
}
console.log(await failing.next(), e.eventNames());

const returned = on(e, 'v');
const waiting = [returned.next(), returned.next()];
e.emit('v', 9);
await returned.return();
console.log(await Promise.all(waiting));
try { returned.throw(1); } catch (x) { console.log(x.code, x.message); }

const thrown = on(e, 'v');
thrown.throw(new Error('t'));
await thrown.next().catch((x) => console.log(x.message));
console.log(await thrown.next());

e.pause = () => console.log('pause');
e.resume = () => console.log('resume');
const slow = on(e, 'v', { highWaterMark: 2, lowWaterMark: 1 });
for (let i = 0; i < 5; i++) e.emit('v', i);
const marks = slow[Symbol.for('nodejs.watermarkData')];
console.log(marks.size, marks.low, marks.high, marks.isPaused);
for (let i = 0; i < 5; i++) console.log(await slow.next(), marks.isPaused);

const capturing = new EventEmitter({ captureRejections: true });
capturing.on('error', (x) => console.log('error', x.message));
capturing.on('x', async () => { throw new Error('rejected'); });
capturing.on('y', () => ({ get then() { throw new Error('getter'); } }));
capturing.emit('x');
capturing.emit('y');
await new Promise((resolve) => setImmediate(resolve));
capturing[Symbol.for('nodejs.rejection')] = (x, type, ...args) => console.log(x.message, type, args);
capturing.emit('x', 1, 2);
await new Promise((resolve) => setImmediate(resolve));
