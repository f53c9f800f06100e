// F3 listeners: duplicates, capture, once, passive, signal, handleEvent, null
const seen = [];
const say = (name) => function (event) {
    seen.push(name + (this === event.currentTarget ? '' : '!'));
};
const fire = (target, init) => {
    seen.length = 0;
    const result = target.dispatchEvent(new Event('x', init));
    console.log(seen.join(' ') || '-', result);
};

// The key is type, callback and capture.
let target = new EventTarget();
const a = say('a');
target.addEventListener('x', a);
target.addEventListener('x', a);
target.addEventListener('x', a, false);
target.addEventListener('x', a, { once: true, passive: true });
target.addEventListener('x', a, { capture: false });
target.addEventListener('y', a);
fire(target);
fire(target);
target.addEventListener('x', a, true);
target.addEventListener('x', a, { capture: 1 });
fire(target);
target.removeEventListener('x', a, { once: true, capture: false });
fire(target);
target.removeEventListener('x', a);
fire(target);
target.removeEventListener('x', a, 'yes');
fire(target);

// A removed and added one comes last.
target = new EventTarget();
const b = say('b');
target.addEventListener('x', a);
target.addEventListener('x', b);
target.removeEventListener('x', a);
target.addEventListener('x', a);
fire(target);

// once
target = new EventTarget();
target.addEventListener('x', a, { once: true });
target.addEventListener('x', b);
fire(target);
fire(target);
target.addEventListener('x', function again() {
    seen.push('again');
    if (seen.length < 5) {
        target.dispatchEvent(new Event('x'));
    }
}, { once: true });
fire(target);

// passive
target = new EventTarget();
target.addEventListener('x', (event) => event.preventDefault(), { passive: true });
fire(target, { cancelable: true });
target.addEventListener('x', (event) => {
    event.preventDefault();
    seen.push(event.defaultPrevented);
});
fire(target, { cancelable: true });
fire(target);

// signal
target = new EventTarget();
const controller = new AbortController();
target.addEventListener('x', a, { signal: controller.signal });
target.addEventListener('x', b, { signal: controller.signal, once: true });
target.addEventListener('x', say('c'), { signal: controller.signal, capture: true });
target.addEventListener('x', say('d'));
fire(target);
controller.abort();
fire(target);
target.addEventListener('x', a, { signal: controller.signal });
target.addEventListener('x', b, { signal: AbortSignal.abort(1) });
fire(target);
// An older listener keeps its place and knows nothing of the signal of a duplicate.
const second = new AbortController();
target.addEventListener('x', a);
target.addEventListener('x', a, { signal: second.signal });
second.abort();
fire(target);
// The signal's own listener may end the others.
const third = new AbortController();
third.signal.addEventListener('abort', () => seen.push('abort'), { signal: third.signal });
third.abort();
console.log(seen.pop() === 'abort');
for (const signal of [null, {}, 1, controller]) {
    try {
        new EventTarget().addEventListener('x', a, { signal });
        console.log('taken');
    } catch (error) {
        console.log(error instanceof TypeError);
    }
}

// handleEvent is looked up at dispatch.
target = new EventTarget();
const object = {
    get handleEvent() {
        seen.push('get');
        return this.method;
    },
    method(event) {
        seen.push(this === object, event.type);
    },
};
target.addEventListener('x', object);
target.addEventListener('x', object);
fire(target);
object.method = () => seen.push('other');
fire(target);
function callable() {
    seen.push('called');
}
callable.handleEvent = () => seen.push('not me');
target.addEventListener('x', callable);
target.removeEventListener('x', object);
fire(target);

// The order in which the options are read, and that they are read before anything is added.
const log = [];
const options = new Proxy({}, {
    get: (_, name) => {
        log.push(name);
        return undefined;
    },
});
target.addEventListener('z', a, options);
target.removeEventListener('z', a, options);
console.log(log.filter((name) => typeof name === 'string' && name !== 'weak').join());

// Types are strings.
target = new EventTarget();
for (const type of [1, null, undefined, '', 'ä\ud800', true, { toString: () => 'o' }]) {
    target.addEventListener(type, (event) => seen.push(typeof event.type));
}
seen.length = 0;
for (const type of ['1', 'null', 'undefined', '', 'ä\ud800', 'true', 'o']) {
    target.dispatchEvent(new Event(type));
}
console.log(seen.length, new Set(seen));

// Many of them.
target = new EventTarget();
require('node:events').setMaxListeners(0, target);
let count = 0;
const many = Array.from({ length: 3000 }, () => () => count++);
many.forEach((f) => target.addEventListener('x', f));
many.forEach((f) => target.addEventListener('x', f));
fire(target);
many.forEach((f, i) => i % 2 && target.removeEventListener('x', f));
fire(target);
many.forEach((f) => target.addEventListener('x', f, { once: true }));
fire(target);
fire(target);
console.log(count);
for (let i = 0; i < 2000; i++) {
    target.addEventListener('type ' + i, () => count++, { once: true });
}
for (let i = 0; i < 2000; i++) {
    target.dispatchEvent(new Event('type ' + i));
    target.dispatchEvent(new Event('type ' + i));
}
console.log(count);
