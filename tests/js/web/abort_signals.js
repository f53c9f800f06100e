// F6 abort: reason, twice, onabort, any of any, aborted inputs, timeout
const log = [];
const done = (label) => console.log(label, log.splice(0).join(' '));

// reason
let controller = new AbortController();
let { signal } = controller;
console.log(signal.aborted, signal.reason, signal.throwIfAborted());
console.log(controller.abort());
console.log(signal.aborted, signal.reason instanceof DOMException, signal.reason.name, signal.reason.code);
const first = signal.reason;
controller.abort('late');
console.log(signal.reason === first);
try {
    signal.throwIfAborted();
} catch (error) {
    console.log(error === first);
}
for (const reason of [null, 0, '', false, NaN, first, signal]) {
    controller = new AbortController();
    controller.abort(reason);
    console.log(Object.is(controller.signal.reason, reason), Object.is(AbortSignal.abort(reason).reason, reason));
    try {
        controller.signal.throwIfAborted();
        console.log('not thrown');
    } catch (error) {
        console.log(Object.is(error, reason));
    }
}
console.log(AbortSignal.abort().reason.name, AbortSignal.abort(undefined).reason.code,
    AbortSignal.abort() === AbortSignal.abort());

// The event; once; what listeners see
controller = new AbortController();
signal = controller.signal;
signal.addEventListener('abort', (event) => {
    log.push(event.type, event.target === signal, event instanceof Event, event.bubbles,
        event.cancelable, signal.aborted, signal.reason);
    controller.abort('again');
});
controller.abort('why');
controller.abort('why');
done('event');
signal.dispatchEvent(new Event('abort'));
done('by hand');
signal.addEventListener('abort', () => log.push('never'));
controller.abort();
done('late');

// An event by hand aborts nothing.
controller = new AbortController();
controller.signal.onabort = () => log.push('hand');
controller.signal.dispatchEvent(new Event('abort'));
done(controller.signal.aborted);

// Detached: the methods of a controller need it.
const { abort } = controller;
try {
    abort();
} catch (error) {
    console.log(error instanceof TypeError);
}

// any
const [a, b, c] = [new AbortController(), new AbortController(), new AbortController()];
let any = AbortSignal.any([a.signal, b.signal]);
let anyOfAny = AbortSignal.any([any, c.signal, any, a.signal]);
console.log(any.aborted, any.reason, anyOfAny.aborted, AbortSignal.any([]).aborted);
a.signal.addEventListener('abort', () => log.push('a'));
any.addEventListener('abort', () => log.push('any'));
anyOfAny.addEventListener('abort', () => log.push('anyOfAny'));
b.signal.addEventListener('abort', () => log.push('b'));
a.abort('A');
b.abort('B');
c.abort('C');
done('any');
console.log(any.reason, anyOfAny.reason);
console.log(AbortSignal.any([c.signal, b.signal, a.signal]).reason, AbortSignal.any([any]).reason);
// The first aborted input wins, also one that comes after signals that still may.
console.log(AbortSignal.any([new AbortController().signal, AbortSignal.abort(2), AbortSignal.abort(3)]).reason);
const same = new AbortController();
any = AbortSignal.any([same.signal, same.signal]);
any.onabort = () => log.push('once');
same.abort();
done('same');
console.log(any.reason === same.signal.reason);
// A dependent that was made while its source tells listeners.
const made = new AbortController();
made.signal.addEventListener('abort', () => log.push(AbortSignal.any([made.signal]).aborted));
made.abort();
done('made');
for (const wrong of [undefined, null, 1, 'ab', {}, [1], [null], [new AbortController()], new EventTarget()]) {
    try {
        AbortSignal.any(wrong);
        console.log('taken');
    } catch (error) {
        console.log(error instanceof TypeError);
    }
}

// timeout
const start = performance.now();
const timed = AbortSignal.timeout(20);
console.log(timed.aborted);
timed.onabort = (event) => {
    console.log('timeout', event.isTrusted, timed.reason instanceof DOMException, timed.reason.name,
        timed.reason.code, performance.now() - start >= 19);
};
const both = AbortSignal.any([timed, AbortSignal.timeout(2000)]);
both.addEventListener('abort', () => console.log('both', both.reason === timed.reason));
// Alone it does not keep the program: this one does.
setTimeout(() => console.log('end'), 60);
AbortSignal.timeout(100000).onabort = () => console.log('never');
