/* process.stdin, stdout and stderr. */
const {
    ArrayPrototypeJoin,
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
    ERR_INVALID_ARG_TYPE, ERR_STREAM_WRITE_AFTER_END, ERR_UNKNOWN_ENCODING, define, hideFrames,
} = require('internal/errors');
const { validateFunction } = require('internal/validators');
const { Buffer: { concat } } = require('internal/buffer');
const native = binding('process');

/* ---- Output -----------------------------------------------------------------------------------*/

/* Writes whole and at once, so it never needs draining; callbacks and events come in a tick. A `write`
 * that a script puts in the place of ours gets the console's text, too. */
class WriteStream extends EventEmitter {
    #stream;
    #ended = false;

    constructor(stream) {
        super();
        this.#stream = stream;
        native.keepStream(stream, this);
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

    get destroyed() {
        return false;
    }

    get writable() {
        return !this.#ended;
    }

    get writableEnded() {
        return this.#ended;
    }

    get writableFinished() {
        return false;
    }

    get writableHighWaterMark() {
        return 16384;
    }

    get writableLength() {
        return 0;
    }

    get writableNeedDrain() {
        return false;
    }

    #refuse(callback) {
        const error = new ERR_STREAM_WRITE_AFTER_END();
        native.nextTick(() => {
            callback?.(error);
            this.emit('error', error);
        });
        return false;
    }

    write(chunk, encoding = undefined, callback = undefined) {
        if (typeof encoding === 'function') {
            callback = encoding;
            encoding = undefined;
        }
        if (callback !== undefined && callback !== null) {
            validateFunction(callback, 'callback');
        }
        if (typeof chunk !== 'string' && !ArrayBufferIsView(chunk)) {
            throw hideFrames(
                new ERR_INVALID_ARG_TYPE('chunk', ['string', 'Buffer', 'TypedArray', 'DataView'],
                    chunk),
                this.write);
        }
        if (this.#ended) {
            return this.#refuse(callback);
        }
        if (typeof chunk !== 'string') {
            native.write(this.#stream, chunk);
        } else if (!native.writeText(this.#stream, chunk, encoding ?? 'utf8')) {
            throw new ERR_UNKNOWN_ENCODING(encoding);
        }
        if (callback) {
            native.nextTick(callback, null);
        }
        return true;
    }

    /* The last write before 'finish'. Standard output cannot be closed: then it goes on as before. */
    end(chunk = undefined, encoding = undefined, callback = undefined) {
        if (typeof chunk === 'function') {
            callback = chunk;
            chunk = undefined;
        } else if (typeof encoding === 'function') {
            callback = encoding;
            encoding = undefined;
        }
        if (chunk !== undefined && chunk !== null) {
            this.write(chunk, encoding);
        }
        this.#ended = true;
        native.nextTick(() => {
            callback?.();
            this.#ended = false;
            this.emit('finish');
        });
        return this;
    }

    cork() {}

    uncork() {}
}

/* ---- Input ------------------------------------------------------------------------------------*/

function lengthOf(chunks) {
    let length = 0;
    for (let i = 0; i < chunks.length; i++) {
        length += chunks[i].length;
    }
    return length;
}

/* Chunks are all text or all bytes. */
function joined(chunks) {
    if (chunks.length === 1) {
        return chunks[0];
    }
    return typeof chunks[0] === 'string' ? ArrayPrototypeJoin(chunks, '') : concat(chunks);
}

/* Reads only while somebody wants data: an iterator that waits, 'data' listeners, or 'readable'
 * listeners that have taken what came before. */
class ReadStream extends EventEmitter {
    #decoder;
    #encoding = null;
    #flowing = false;
    #reading = false;
    #state = 'open'; /* 'ended' after the last chunk, then 'failed' or 'closed' */
    #error;
    #readers = []; /* iterators that wait */
    #chunks = []; /* for read(): what 'readable' announced */
    #told = false; /* 'end' was emitted */

    get fd() {
        return 0;
    }

    get isTTY() {
        return native.isTTY(0) || undefined;
    }

    get readableEncoding() {
        return this.#encoding;
    }

    get readable() {
        return this.#state === 'open';
    }

    get readableEnded() {
        return this.#state !== 'open';
    }

    get readableLength() {
        return lengthOf(this.#chunks);
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
        if (name === 'readable') {
            native.nextTick(() => this.#pump());
        } else if (name === 'data' && !this.#announces()) {
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

    /* Each chunk is written to the other stream, at its pace. */
    pipe(destination, options = undefined) {
        this.on('data', (chunk) => {
            if (destination.write(chunk) === false) {
                this.pause();
                destination.once('drain', () => this.resume());
            }
        });
        if (options?.end !== false && destination !== outputs[1] && destination !== outputs[2]) {
            this.once('end', () => destination.end());
        }
        destination.emit('pipe', this);
        return destination;
    }

    /* What has come, or size bytes (characters) of it; null if that is not there yet. */
    read(size = undefined) {
        const chunks = this.#chunks;
        const length = lengthOf(chunks);
        const ended = this.#state !== 'open';
        if (length === 0 || (size > length && !ended) || size === 0) {
            this.#finish();
            this.#pump(size > length);
            return null;
        }
        const whole = joined(chunks);
        chunks.length = 0;
        const taken = size < length ? whole.slice(0, size) : whole;
        if (size < length) {
            ArrayPrototypePush(chunks, whole.slice(size));
        }
        this.emit('data', taken);
        this.#finish();
        this.#pump();
        return taken;
    }

    #announces() {
        return this.listenerCount('readable') > 0;
    }

    #wanted() {
        return this.#readers.length > 0 || this.#flowing ||
            (this.#chunks.length === 0 && this.#announces());
    }

    /* 'end' comes when all is read. */
    #finish() {
        if (this.#state === 'ended' && this.#chunks.length === 0 && !this.#told) {
            this.#told = true;
            native.nextTick(() => {
                this.emit('end');
                this.emit('close');
            });
        }
    }

    #pump(more = false) {
        if (this.#state === 'open' && !this.#reading && (more || this.#wanted())) {
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
        } else if (this.#announces()) {
            ArrayPrototypePush(this.#chunks, chunk);
            this.emit('readable');
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
        if (this.#announces()) {
            this.emit('readable');
        } else {
            this.#told = true;
            this.emit('end');
            this.emit('close');
        }
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

/* By descriptor, once made. */
const outputs = [];

return {
    __proto__: null,
    stdin: () => new ReadStream(),
    stdout: () => outputs[1] = new WriteStream(1),
    stderr: () => outputs[2] = new WriteStream(2),
};
