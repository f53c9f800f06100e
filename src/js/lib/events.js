/* node:events: EventEmitter with its static functions. */
const {
    ArrayPrototypePush,
    AsyncIteratorPrototype,
    Error,
    FunctionPrototypeSymbolHasInstance,
    ObjectDefineProperty,
    ObjectSetPrototypeOf,
    Promise,
    PromiseReject,
    PromiseResolve,
    ReflectApply,
    SymbolAsyncIterator,
    SymbolDispose,
    SymbolFor,
} = primordials;
const { ERR_INVALID_ARG_TYPE, define } = require('internal/errors');
const {
    validateAbortSignal, validateBoolean, validateFunction, validateInteger, validateNumber,
} = require('internal/validators');
const { EventEmitter, defaults, errorMonitor, kCapture, kRejection } = require('internal/emitter');
const { abortErrorOf, onAbort } = require('internal/abort');
const native = binding('events');
const { isEventTarget } = native;

/* ---- Emitters and event targets alike ---------------------------------------------------------*/

function listen(target, name, listener, options) {
    if (typeof target.on === 'function') {
        target[options?.once ? 'once' : 'on'](name, listener);
    } else if (typeof target.addEventListener === 'function') {
        target.addEventListener(name, listener, options);
    } else {
        throw new ERR_INVALID_ARG_TYPE('emitter', 'EventEmitter', target);
    }
}

function unlisten(target, name, listener) {
    if (typeof target.removeListener === 'function') {
        target.removeListener(name, listener);
    } else {
        target.removeEventListener(name, listener);
    }
}

/* ---- once -------------------------------------------------------------------------------------*/

function waitOnce(emitter, name, signal, resolve, reject) {
    let stopSignal;
    const onEvent = (...args) => {
        if (typeof emitter.removeListener === 'function') {
            emitter.removeListener('error', onError);
        }
        stopSignal?.();
        resolve(args);
    };
    const onError = (error) => {
        emitter.removeListener(name, onEvent);
        stopSignal?.();
        reject(error);
    };
    listen(emitter, name, onEvent, { __proto__: null, once: true });
    if (name !== 'error' && typeof emitter.once === 'function') {
        emitter.once('error', onError);
    }
    if (signal !== undefined) {
        stopSignal = onAbort(signal, () => {
            unlisten(emitter, name, onEvent);
            if (typeof emitter.removeListener === 'function') {
                emitter.removeListener('error', onError);
            }
            reject(abortErrorOf(signal));
        });
    }
}

async function once(emitter, name, options) {
    const signal = options?.signal;
    validateAbortSignal(signal, 'options.signal');
    if (signal?.aborted) {
        throw abortErrorOf(signal);
    }
    const promise =
        new Promise((resolve, reject) => waitOnce(emitter, name, signal, resolve, reject));
    /* The jobs of `return promise`, without its then, which a script may have changed: one to begin to
     * follow it, one when it is settled. */
    await undefined;
    return await promise;
}

/* ---- on ---------------------------------------------------------------------------------------*/

/* First in, first out; taking does not move what remains. */
class Queue {
    #items = [];
    #head = 0;
    get size() {
        return this.#items.length - this.#head;
    }
    put(item) {
        ArrayPrototypePush(this.#items, item);
    }
    take() {
        const item = this.#items[this.#head];
        this.#items[this.#head++] = undefined;
        if (this.#head === this.#items.length) {
            this.#items = [];
            this.#head = 0;
        }
        return item;
    }
}

function iteration(value, done) {
    return { value, done };
}

/* The events of one name as they come: either events wait for readers or readers for events. */
class EventStream {
    #emitter;
    #high;
    #low;
    #events = new Queue();
    #readers = new Queue();
    #undo = [];
    #failed = false;
    #error;
    #finished = false;
    #paused = false;

    constructor(emitter, high, low) {
        this.#emitter = emitter;
        this.#high = high;
        this.#low = low;
    }

    get high() {
        return this.#high;
    }
    get low() {
        return this.#low;
    }
    get paused() {
        return this.#paused;
    }
    get size() {
        return this.#events.size;
    }

    listen(name, listener) {
        listen(this.#emitter, name, listener);
        ArrayPrototypePush(this.#undo, () => unlisten(this.#emitter, name, listener));
    }

    watch(signal) {
        ArrayPrototypePush(this.#undo, onAbort(signal, () => this.fail(abortErrorOf(signal))));
    }

    event(args) {
        if (this.#readers.size > 0) {
            this.#readers.take().resolve(iteration(args, false));
            return;
        }
        this.#events.put(args);
        if (!this.#paused && this.#events.size > this.#high) {
            this.#paused = true;
            this.#emitter.pause();
        }
    }

    fail(error) {
        if (this.#readers.size > 0) {
            this.#readers.take().reject(error);
        } else {
            this.#failed = true;
            this.#error = error;
        }
        this.close();
    }

    next() {
        if (this.#events.size > 0) {
            const args = this.#events.take();
            if (this.#paused && this.#events.size < this.#low) {
                this.#emitter.resume();
                this.#paused = false;
            }
            return PromiseResolve(iteration(args, false));
        }
        if (this.#failed) {
            this.#failed = false;
            return PromiseReject(this.#error);
        }
        if (this.#finished) {
            return this.close();
        }
        return new Promise((resolve, reject) =>
            this.#readers.put({ __proto__: null, resolve, reject }));
    }

    close() {
        const undo = this.#undo;
        this.#undo = [];
        for (let i = 0; i < undo.length; i++) {
            undo[i]();
        }
        this.#finished = true;
        while (this.#readers.size > 0) {
            this.#readers.take().resolve(iteration(undefined, true));
        }
        return PromiseResolve(iteration(undefined, true));
    }
}

function watermarks(stream) {
    return {
        get size() {
            return stream.size;
        },
        get low() {
            return stream.low;
        },
        get high() {
            return stream.high;
        },
        get isPaused() {
            return stream.paused;
        },
    };
}

function iteratorOf(stream) {
    return ObjectSetPrototypeOf({
        next() {
            return stream.next();
        },
        return() {
            return stream.close();
        },
        throw(error) {
            if (!error || !FunctionPrototypeSymbolHasInstance(Error, error)) {
                throw new ERR_INVALID_ARG_TYPE('EventEmitter.AsyncIterator', 'Error', error);
            }
            stream.fail(error);
        },
        [SymbolAsyncIterator]() {
            return this;
        },
        [SymbolFor('nodejs.watermarkData')]: watermarks(stream),
    }, AsyncIteratorPrototype);
}

function on(emitter, name, options) {
    const signal = options?.signal;
    validateAbortSignal(signal, 'options.signal');
    if (signal?.aborted) {
        throw abortErrorOf(signal);
    }
    const high = options?.highWaterMark ?? options?.highWatermark ?? 2 ** 53 - 1;
    validateInteger(high, 'options.highWaterMark', 1);
    const low = options?.lowWaterMark ?? options?.lowWatermark ?? 1;
    validateInteger(low, 'options.lowWaterMark', 1);
    const stream = new EventStream(emitter, high, low);
    stream.listen(name, (...args) => stream.event(args));
    if (name !== 'error' && typeof emitter.on === 'function') {
        stream.listen('error', (error) => stream.fail(error));
    }
    const closers = options?.close;
    for (let i = 0; i < closers?.length; i++) {
        stream.listen(closers[i], () => stream.close());
    }
    if (signal !== undefined) {
        stream.watch(signal);
    }
    return iteratorOf(stream);
}

/* ---- Small functions --------------------------------------------------------------------------*/

function addAbortListener(signal, listener) {
    if (signal === undefined) {
        throw new ERR_INVALID_ARG_TYPE('signal', 'AbortSignal', signal);
    }
    validateAbortSignal(signal, 'signal');
    validateFunction(listener, 'listener');
    const stop = onAbort(signal, listener);
    return {
        __proto__: null,
        [SymbolDispose]() {
            stop();
        },
    };
}

function getEventListeners(emitter, type) {
    if (typeof emitter.listeners === 'function') {
        return emitter.listeners(type);
    }
    if (isEventTarget(emitter)) {
        return native.listeners(emitter, type);
    }
    throw new ERR_INVALID_ARG_TYPE('emitter', ['EventEmitter', 'EventTarget'], emitter);
}

function getMaxListeners(emitter) {
    if (typeof emitter?.getMaxListeners === 'function') {
        return emitter.getMaxListeners();
    }
    if (isEventTarget(emitter)) {
        return native.getMaxListeners(emitter);
    }
    throw new ERR_INVALID_ARG_TYPE('emitter', ['EventEmitter', 'EventTarget'], emitter);
}

function setDefault(n) {
    defaults.maxListeners = n;
    native.setDefaultMaxListeners(n);
}

function setMaxListeners(n = defaults.maxListeners, ...emitters) {
    validateNumber(n, 'setMaxListeners', 0);
    if (emitters.length === 0) {
        setDefault(n);
    }
    for (let i = 0; i < emitters.length; i++) {
        const emitter = emitters[i];
        if (isEventTarget(emitter)) {
            native.setMaxListeners(emitter, n);
        } else if (typeof emitter.setMaxListeners === 'function') {
            emitter.setMaxListeners(n);
        } else {
            throw new ERR_INVALID_ARG_TYPE('eventTargets', ['EventEmitter', 'EventTarget'],
                emitter);
        }
    }
}
define(setMaxListeners, 'length', 0, false);

function listenerCount(emitter, type) {
    return typeof emitter.listenerCount === 'function' ? emitter.listenerCount(type)
        : ReflectApply(EventEmitter.prototype.listenerCount, emitter, [type]);
}

/* ---- The module -------------------------------------------------------------------------------*/

function accessor(name, get, set) {
    ObjectDefineProperty(EventEmitter, name, { __proto__: null, get, set, enumerable: true });
}

if (SymbolDispose !== undefined) {
    define(EventEmitter, 'addAbortListener', addAbortListener);
}
define(EventEmitter, 'once', once);
define(EventEmitter, 'on', on);
define(EventEmitter, 'getEventListeners', getEventListeners);
define(EventEmitter, 'getMaxListeners', getMaxListeners);
define(EventEmitter, 'EventEmitter', EventEmitter);
define(EventEmitter, 'usingDomains', false);
define(EventEmitter, 'captureRejectionSymbol', kRejection);
accessor('captureRejections', () => EventEmitter.prototype[kCapture], (value) => {
    validateBoolean(value, 'EventEmitter.captureRejections');
    EventEmitter.prototype[kCapture] = value;
});
define(EventEmitter, 'errorMonitor', errorMonitor);
accessor('defaultMaxListeners', () => defaults.maxListeners, (value) => {
    validateNumber(value, 'defaultMaxListeners', 0);
    setDefault(value);
});
define(EventEmitter, 'setMaxListeners', setMaxListeners);
define(EventEmitter, 'listenerCount', listenerCount);

return EventEmitter;
