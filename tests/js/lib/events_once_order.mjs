// once() takes the jobs of an async function that returns a promise.
import { EventEmitter, once } from 'node:events';
const emitter = new EventEmitter();
const steps = (name, count) => {
    let chain = Promise.resolve();
    for (let i = 1; i <= count; i++) {
        chain = chain.then(() => console.log(name, i));
    }
};
once(emitter, 'early').then(() => console.log('once before it was followed'));
emitter.emit('early');
steps('a', 4);
await new Promise((resolve) => setTimeout(resolve, 1));
const late = once(emitter, 'late').then(() => console.log('once after'));
await new Promise((resolve) => setTimeout(resolve, 1));
emitter.emit('late');
steps('b', 4);
await late;
const failed = once(emitter, 'never').catch((error) => console.log('failed', error.message));
emitter.emit('error', new Error('instead'));
steps('c', 4);
await failed;
