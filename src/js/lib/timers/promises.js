/* node:timers/promises: timers that settle promises. */
const {
    ArrayPrototypePush,
    ArrayPrototypeShift,
    AsyncIteratorPrototype,
    ObjectSetPrototypeOf,
    Promise,
    PromiseReject,
    PromiseResolve,
} = primordials;
const { abortErrorOf, onAbort } = require('internal/abort');
const {
    validateAbortSignal, validateBoolean, validateObject,
} = require('internal/validators');
const timers = binding('timers');

const noOptions = { __proto__: null };

/* The options, checked: { signal, ref }. Throws. */
function readOptions(options) {
    validateObject(options, 'options');
    const { signal, ref = true } = options;
    validateAbortSignal(signal, 'options.signal');
    validateBoolean(ref, 'options.ref');
    return { __proto__: null, signal, ref };
}

/* A promise of `value`, settled by the handle that start(resolve) makes, or by the signal. */
function wait({ signal, ref }, value, start, clear) {
    if (signal?.aborted) {
        return PromiseReject(abortErrorOf(signal));
    }
    return new Promise((resolve, reject) => {
        let stop;
        const handle = start(() => {
            stop?.();
            resolve(value);
        });
        if (!ref) {
            handle.unref();
        }
        if (signal !== undefined) {
            stop = onAbort(signal, () => {
                clear(handle);
                reject(abortErrorOf(signal));
            });
        }
    });
}

function setTimeout(delay, value, options = noOptions) {
    try {
        return wait(readOptions(options), value,
            (done) => timers.setTimeout(done, delay), timers.clearTimeout);
    } catch (error) {
        return PromiseReject(error);
    }
}

function setImmediate(value, options = noOptions) {
    try {
        return wait(readOptions(options), value, timers.setImmediate, timers.clearImmediate);
    } catch (error) {
        return PromiseReject(error);
    }
}

/* ---- setInterval: an async iterator over the ticks of an interval -----------------------------*/

/* Either ticks wait for readers (count) or readers for ticks. It starts at the first next(). */
class Ticks {
    #delay;
    #value;
    #options;
    #handle;
    #count = 0;
    #readers = [];
    #ended = false;
    #stop;

    constructor(delay, value, options) {
        this.#delay = delay;
        this.#value = value;
        this.#options = options;
    }

    #start() {
        const { signal, ref } = readOptions(this.#options);
        if (signal?.aborted) {
            throw abortErrorOf(signal);
        }
        this.#options = { __proto__: null, signal, ref };
        this.#handle = timers.setInterval(() => this.#tick(), this.#delay);
        if (!ref) {
            this.#handle.unref();
        }
        if (signal !== undefined) {
            this.#stop = onAbort(signal, () => this.#abort());
        }
    }

    #tick() {
        if (this.#readers.length === 0) {
            this.#count++;
        } else {
            ArrayPrototypeShift(this.#readers).resolve({ value: this.#value, done: false });
        }
    }

    #end() {
        this.#ended = true;
        timers.clearInterval(this.#handle);
        this.#stop?.();
    }

    /* The first reader hears of it, the others find the iterator at its end. */
    #abort() {
        if (this.#readers.length === 0) {
            return;
        }
        this.#end();
        ArrayPrototypeShift(this.#readers).reject(abortErrorOf(this.#options.signal));
        this.#finishReaders();
    }

    #finishReaders() {
        while (this.#readers.length > 0) {
            ArrayPrototypeShift(this.#readers).resolve({ value: undefined, done: true });
        }
    }

    #failed(error) {
        this.#ended = true;
        return PromiseReject(error);
    }

    next() {
        if (this.#ended) {
            return PromiseResolve({ value: undefined, done: true });
        }
        if (this.#handle === undefined) {
            try {
                this.#start();
            } catch (error) {
                return this.#failed(error);
            }
        }
        const { signal } = this.#options;
        if (signal?.aborted) {
            this.#end();
            return PromiseReject(abortErrorOf(signal));
        }
        if (this.#count > 0) {
            this.#count--;
            return PromiseResolve({ value: this.#value, done: false });
        }
        return new Promise((resolve, reject) =>
            ArrayPrototypePush(this.#readers, { __proto__: null, resolve, reject }));
    }

    return(value) {
        if (this.#handle !== undefined && !this.#ended) {
            this.#end();
        }
        this.#ended = true;
        this.#finishReaders();
        return PromiseResolve({ value, done: true });
    }

    throw(error) {
        this.return();
        return PromiseReject(error);
    }
}
ObjectSetPrototypeOf(Ticks.prototype, AsyncIteratorPrototype);

function setInterval(delay, value, options = noOptions) {
    return new Ticks(delay, value, options);
}

/* ---- scheduler --------------------------------------------------------------------------------*/

const scheduler = {
    wait: (delay, options) => setTimeout(delay, undefined, options),
    yield: () => setImmediate(),
};

return { setTimeout, setImmediate, setInterval, scheduler };
