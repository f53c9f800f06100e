// F6 onabort keeps its place, internal steps come before the event, iterables, ranges
const log = [];
const done = (label) => console.log(label, log.splice(0).join(' '));
let controller = new AbortController();
let { signal } = controller;
console.log(signal.onabort);
signal.onabort = () => log.push('old');
signal.addEventListener('abort', () => log.push('listener'));
signal.onabort = function (event) {
    log.push('new', this === signal, event.isTrusted);
};
signal.onabort = signal.onabort;
controller.abort();
done('replaced');
// Taken away and given again: at the end. The same function is a listener beside it.
controller = new AbortController();
signal = controller.signal;
const f = () => log.push('f');
signal.onabort = f;
signal.addEventListener('abort', () => log.push('listener'));
signal.addEventListener('abort', f);
signal.removeEventListener('abort', f);
signal.addEventListener('abort', f);
signal.onabort = null;
console.log(signal.onabort);
signal.onabort = f;
controller.abort();
done('again');
// No object: null. An object that cannot be called: kept, and nothing happens.
for (const value of [1, 'x', undefined, Symbol.iterator, true]) {
    signal.onabort = value;
    console.log(signal.onabort);
}
controller = new AbortController();
controller.signal.onabort = { handleEvent: () => log.push('never') };
console.log(typeof controller.signal.onabort);
controller.signal.addEventListener('abort', () => {
    controller.signal.onabort = () => log.push('replaced too late');
});
controller.abort();
done('object');
// A handler that is replaced before its turn.
controller = new AbortController();
controller.signal.addEventListener('abort', () => {
    controller.signal.onabort = () => log.push('second');
});
controller.signal.onabort = () => log.push('first');
controller.abort();
done('in dispatch');

// Steps of option signal run first, and nobody can stop them.
controller = new AbortController();
const target = new EventTarget();
controller.signal.addEventListener('abort', (event) => {
    event.stopImmediatePropagation();
    target.dispatchEvent(new Event('x'));
    log.push('stopped');
});
target.addEventListener('x', () => log.push('still there'), { signal: controller.signal });
const any = AbortSignal.any([controller.signal]);
any.addEventListener('abort', () => log.push('dependent'));
controller.abort();
done('steps');

// Dependents have their reason before any listener runs.
controller = new AbortController();
const follower = AbortSignal.any([controller.signal]);
const second = AbortSignal.any([follower, new AbortController().signal]);
controller.signal.onabort = () => log.push(follower.aborted, follower.reason, second.reason);
follower.onabort = () => log.push(second.aborted);
second.onabort = () => log.push('second');
controller.abort('reason');
done('dependents');

// Any iterable; items are checked while iterating, and the iterator is not closed.
function* items(...list) {
    try {
        for (const item of list) {
            log.push('next');
            yield item;
        }
    } finally {
        log.push('end');
    }
}
const [a, b] = [new AbortController(), new AbortController()];
const dependent = AbortSignal.any(new Set([a.signal, b.signal]));
console.log(AbortSignal.any(items(AbortSignal.abort(1), a.signal)).reason);
done('iterated');
for (const wrong of [() => items(a.signal, 1, b.signal), () => ({ [Symbol.iterator]: 1 }),
    () => ({ [Symbol.iterator]: () => 1 }), () => ({ [Symbol.iterator]: () => ({ next: () => 1 }) }),
    () => ({ get [Symbol.iterator]() { throw new TypeError('getter'); } }), () => 'abc',
    () => ({ [Symbol.iterator]: () => ({}) })]) {
    try {
        AbortSignal.any(wrong());
        console.log('taken');
    } catch (error) {
        console.log(error.name);
    }
}
done('wrong');
b.abort('b');
console.log(dependent.reason);
// Array.prototype[Symbol.iterator] is used as it is.
const { [Symbol.iterator]: values } = Array.prototype;
Array.prototype[Symbol.iterator] = function () {
    log.push('changed');
    return values.call(this);
};
AbortSignal.any([a.signal]);
Array.prototype[Symbol.iterator] = values;
done('array');

// timeout: [EnforceRange] unsigned long long
for (const delay of [-1, NaN, Infinity, 2 ** 53, -Infinity, 'x', {}, 1n, Symbol('s'), undefined]) {
    try {
        AbortSignal.timeout(delay);
        console.log('taken', String(delay));
    } catch (error) {
        console.log(error.name);
    }
}
for (const delay of [0, -0.9, 1.9, '5', null, 2 ** 53 - 1, true, []]) {
    console.log(AbortSignal.timeout(delay).aborted);
}
try {
    AbortSignal.timeout();
} catch (error) {
    console.log(error.name, error.code);
}
// Static methods do not look at this.
const { abort } = AbortSignal;
console.log(abort.call(class extends AbortSignal {}, 5).reason, abort(6) instanceof AbortSignal);
// Order: by deadline, also among timers. Each counts from its own start, so far enough apart.
AbortSignal.timeout(90).onabort = () => log.push('signal 3');
setTimeout(() => log.push('timer 1'), 1);
AbortSignal.timeout(45).onabort = () => {
    log.push('signal 2');
    process.nextTick(() => log.push('tick'));
    Promise.resolve().then(() => log.push('promise'));
};
setTimeout(() => done('order'), 200);
