/* FileHandle: an open file of fs/promises.
 *
 * Invariant: #fd is -1 from the moment that closing begins; closing begins when close() was called
 * and no operation is under way. A handle that is collected while open closes its descriptor. */
const {
    Error, ObjectDefineProperty, Promise, PromiseResolve, SymbolAsyncDispose,
} = primordials;
const { ERR_ILLEGAL_CONSTRUCTOR, define } = require('internal/errors');
const calls = require('internal/fs_calls');
const {
    checkAborted,
    dataEncoding,
    getData,
    getLaxPosition,
    getOptions,
    getReadArguments,
    getReadPlace,
    getWritePlace,
    isIterable,
    native,
} = require('internal/fs_utils');

const inside = { __proto__: null }; /* who has it may construct */

function closedError(syscall) {
    const error = new Error('file closed');
    define(error, 'code', 'EBADF');
    define(error, 'syscall', syscall);
    return error;
}

class FileHandle {
    #fd;
    #holder; /* closes the descriptor if nobody else did */
    #busy = 0;
    #closing; /* the promise of close() */
    #idle; /* resolves when nothing is under way any more */

    constructor(key, fd) {
        if (key !== inside) {
            throw new ERR_ILLEGAL_CONSTRUCTOR();
        }
        this.#fd = fd;
        this.#holder = native.holdDescriptor(fd);
    }

    get fd() {
        return this.#fd;
    }

    /* work(fd) while the descriptor is sure to stay open. */
    async #use(name, work) {
        if (this.#fd === -1) {
            throw closedError(name);
        }
        this.#busy++;
        try {
            return await work(this.#fd);
        } finally {
            this.#busy--;
            if (this.#busy === 0 && this.#idle !== undefined) {
                this.#idle();
            }
        }
    }

    async #closeWhenIdle() {
        if (this.#busy > 0) {
            await new Promise((resolve) => {
                this.#idle = resolve;
            });
            this.#idle = undefined;
        }
        const fd = this.#fd;
        this.#fd = -1;
        native.letDescriptorGo(this.#holder);
        try {
            await calls.close(true, fd);
        } finally {
            this.#closing = undefined;
        }
    }

    close() {
        if (this.#fd === -1) {
            return PromiseResolve(this.#closing);
        }
        this.#closing ??= this.#closeWhenIdle();
        return this.#closing;
    }

    /* Awaiting looks up no then, which a script may have changed; returning a promise does. */
    async appendFile(data, options) {
        return await this.#writeAll('writeFile', data, options);
    }

    async chmod(mode) {
        return await this.#use('fchmod', (fd) => calls.fchmod(true, fd, mode));
    }

    async datasync() {
        return await this.#use('fdatasync', (fd) => calls.fdatasync(true, fd));
    }

    async sync() {
        return await this.#use('fsync', (fd) => calls.fsync(true, fd));
    }

    async read(buffer, offset, length, position) {
        return await this.#use('read', async (fd) => {
            const given = getReadArguments(buffer, offset, length, position);
            const place = getReadPlace(
                given.buffer, given.offset, given.length, given.position, getLaxPosition);
            const bytesRead = place.length === 0 ? 0 : await native.read(
                fd, place.view, place.offset, place.length, place.position, true);
            return { __proto__: null, bytesRead, buffer: given.buffer };
        });
    }

    async readFile(options) {
        return await this.#use('readFile', (fd) => calls.readFile(true, fd, options));
    }

    async stat(options) {
        return await this.#use('fstat', (fd) => calls.fstat(true, fd, options));
    }

    async truncate(len) {
        return await this.#use('ftruncate', (fd) => calls.ftruncate(true, fd, len));
    }

    async utimes(atime, mtime) {
        return await this.#use('futimes', (fd) => calls.futimes(true, fd, atime, mtime));
    }

    async write(buffer, offset, length, position) {
        return await this.#use('write', async (fd) => {
            const place = getWritePlace(buffer, offset, length, position);
            const bytesWritten = await native.write(
                fd, place.data, place.encoding, place.position, true);
            return { __proto__: null, bytesWritten, buffer };
        });
    }

    async writeFile(data, options) {
        return await this.#writeAll('writeFile', data, options);
    }

    #writeAll(name, data, options) {
        return this.#use(name, (fd) => (isIterable(data) ? writePieces(fd, data, options)
            : calls.writeFile(true, fd, data, options)));
    }

    static {
        if (SymbolAsyncDispose !== undefined) {
            const dispose = async function () {
                await this.close();
            };
            ObjectDefineProperty(dispose, 'name', {
                __proto__: null, value: '[Symbol.asyncDispose]', configurable: true,
            });
            ObjectDefineProperty(this.prototype, SymbolAsyncDispose, {
                __proto__: null, value: dispose, writable: true, configurable: true,
            });
        }
    }
}

/* Each piece of an iterable, wholly, one after the other. */
async function writePieces(fd, pieces, options) {
    const { encoding, signal } = getOptions(options);
    const number = dataEncoding(encoding);
    checkAborted(signal);
    for await (const piece of pieces) {
        checkAborted(signal);
        await native.writeFile(fd, getData(piece, 'data'), number, 0, 0, 0, true);
    }
    checkAborted(signal);
}

return {
    __proto__: null,
    FileHandle,
    isFileHandle: (value) => value instanceof FileHandle,
    makeFileHandle: (fd) => new FileHandle(inside, fd),
};
