/* process.stdin, stdout and stderr. */
const {
    ArrayPrototypePush,
    ArrayPrototypeShift,
    AsyncIteratorPrototype,
    ObjectCreate,
    ObjectSetPrototypeOf,
    Promise,
    PromiseReject,
    PromiseResolve,
    ReflectApply,
    SymbolAsyncIterator,
    ArrayBufferIsView,
} = primordials;
const { EventEmitter } = require('internal/emitter');
const {
    ERR_INVALID_ARG_TYPE, ERR_UNKNOWN_ENCODING, define, hideFrames,
} = require('internal/errors');
const { validateFunction } = require('internal/validators');
const native = binding('process');

/* ---- Output -----------------------------------------------------------------------------------*/

/* Writes whole and at once; the callback comes in a tick. */
class WriteStream {
    #stream;

    constructor(stream) {
        this.#stream = stream;
    }

    get fd() {
        return this.#stream;
    }

    get isTTY() {
        return native.isTTY(this.#stream) || undefined;
    }

    get columns() {
        return native.windowSize(this.#stream)?.[0];
    }

    get rows() {
        return native.windowSize(this.#stream)?.[1];
    }

    write(chunk, encoding = undefined, callback = undefined) {
        if (typeof encoding === 'function') {
            callback = encoding;
            encoding = undefined;
        }
        if (callback !== undefined && callback !== null) {
            validateFunction(callback, 'callback');
        }
        if (typeof chunk === 'string') {
            if (!native.writeText(this.#stream, chunk, encoding ?? 'utf8')) {
                throw new ERR_UNKNOWN_ENCODING(encoding);
            }
        } else if (ArrayBufferIsView(chunk)) {
            native.write(this.#stream, chunk);
        } else {
            throw hideFrames(
                new ERR_INVALID_ARG_TYPE('chunk', ['string', 'Buffer', 'TypedArray', 'DataView'],
                    chunk),
                this.write);
        }
        if (callback) {
            native.nextTick(callback);
        }
        return true;
    }
}

/* ---- Input ------------------------------------------------------------------------------------*/

/* Reads only while somebody wants data: an iterator that waits, or 'data' listeners. */
class ReadStream extends EventEmitter {
    #decoder;
    #encoding = null;
    #flowing = false;
    #reading = false;
    #state = 'open'; /* 'ended' after the last chunk, then 'failed' or 'closed' */
    #error;
    #readers = []; /* iterators that wait */

    get fd() {
        return 0;
    }

    get isTTY() {
        return native.isTTY(0) || undefined;
    }

    get readableEncoding() {
        return this.#encoding;
    }

    get readableEnded() {
        return this.#state !== 'open';
    }

    get readableFlowing() {
        return this.#flowing;
    }

    setEncoding(encoding = 'utf8') {
        const decoder = native.newDecoder(encoding);
        if (decoder === undefined) {
            throw hideFrames(new ERR_UNKNOWN_ENCODING(encoding), this.setEncoding);
        }
        this.#decoder = decoder;
        this.#encoding = native.encodingName(encoding);
        return this;
    }

    on(name, listener) {
        ReflectApply(EventEmitter.prototype.on, this, [name, listener]);
        if (name === 'data') {
            this.resume();
        }
        return this;
    }

    addListener(name, listener) {
        return this.on(name, listener);
    }

    pause() {
        this.#flowing = false;
        if (this.#readers.length === 0) {
            native.stopStdin();
            this.#reading = false;
        }
        return this;
    }

    resume() {
        this.#flowing = true;
        native.nextTick(() => this.#pump());
        return this;
    }

    isPaused() {
        return !this.#flowing;
    }

    #wanted() {
        return this.#readers.length > 0 || this.#flowing;
    }

    #pump() {
        if (this.#state === 'open' && !this.#reading && this.#wanted()) {
            this.#reading = true;
            native.readStdin((error, bytes) => this.#arrived(error, bytes));
        }
    }

    #arrived(error, bytes) {
        this.#reading = false;
        if (error !== undefined) {
            this.#fail(error);
        } else if (bytes === null) {
            this.#end();
        } else {
            this.#give(this.#decoder === undefined ? bytes : this.#decoder(bytes, false));
            this.#pump();
        }
    }

    #give(chunk) {
        if (chunk.length === 0) {
            return;
        }
        if (this.#readers.length > 0) {
            ArrayPrototypeShift(this.#readers).resolve({ value: chunk, done: false });
        } else {
            this.emit('data', chunk);
        }
    }

    #end() {
        this.#state = 'ended';
        if (this.#decoder !== undefined) {
            this.#give(this.#decoder(undefined, true));
        }
        while (this.#readers.length > 0) {
            ArrayPrototypeShift(this.#readers).resolve({ value: undefined, done: true });
        }
        this.emit('end');
        this.emit('close');
    }

    #fail(error) {
        this.#state = 'failed';
        this.#error = error;
        if (this.#readers.length === 0) {
            this.emit('error', error);
        }
        while (this.#readers.length > 0) {
            ArrayPrototypeShift(this.#readers).reject(error);
        }
        this.emit('close');
    }

    #next() {
        if (this.#state === 'failed') {
            return PromiseReject(this.#error);
        }
        if (this.#state === 'ended') {
            return PromiseResolve({ value: undefined, done: true });
        }
        return new Promise((resolve, reject) => {
            ArrayPrototypePush(this.#readers, { __proto__: null, resolve, reject });
            this.#pump();
        });
    }

    [SymbolAsyncIterator]() {
        let ended = false;
        const iterator = ObjectCreate(AsyncIteratorPrototype);
        const finish = () => {
            ended = true;
            return PromiseResolve({ value: undefined, done: true });
        };
        define(iterator, 'next', () => (ended ? finish() : this.#next()));
        define(iterator, 'return', finish);
        return iterator;
    }
}

return {
    __proto__: null,
    stdin: () => new ReadStream(),
    stdout: () => new WriteStream(1),
    stderr: () => new WriteStream(2),
};
