/* What the forms of fs share: checked arguments, and results as the classes that scripts see. */
const {
    ArrayBufferIsView,
    ArrayPrototypePush,
    BigInt,
    DataViewPrototypeGetBuffer,
    DataViewPrototypeGetByteLength,
    DataViewPrototypeGetByteOffset,
    Date,
    DatePrototypeGetTime,
    MathRound,
    Number,
    NumberIsFinite,
    NumberIsSafeInteger,
    NumberParseInt,
    RegExpPrototypeExec,
    StringPrototypeIncludes,
    SymbolAsyncIterator,
    SymbolIterator,
    TypedArrayPrototypeGetBuffer,
    TypedArrayPrototypeGetByteLength,
    TypedArrayPrototypeGetByteOffset,
    TypedArrayPrototypeGetLength,
    TypedArrayPrototypeGetTag,
    Uint8Array,
} = primordials;
const native = binding('fs');
const {
    AbortError,
    ERR_FS_EISDIR,
    ERR_INVALID_ARG_TYPE,
    ERR_INVALID_ARG_VALUE,
    ERR_OUT_OF_RANGE,
    ERR_UNKNOWN_ENCODING,
    define,
} = require('internal/errors');
const {
    validateAbortSignal,
    validateInt32,
    validateInteger,
    validateObject,
    validateUint32,
} = require('internal/validators');

const { constants } = native;
const {
    O_APPEND, O_CREAT, O_EXCL, O_RDONLY, O_RDWR, O_SYNC, O_TRUNC, O_WRONLY,
    S_IFBLK, S_IFCHR, S_IFDIR, S_IFIFO, S_IFLNK, S_IFMT, S_IFREG, S_IFSOCK,
} = constants;

/* ---- Bytes ------------------------------------------------------------------------------------*/

const READ_SIZE = 16384; /* of a read that is given no buffer */
const BYTES = 0; /* the number of no encoding */
const UTF8 = native.encodingOf('utf8');

function isUint8Array(value) {
    return TypedArrayPrototypeGetTag(value) === 'Uint8Array';
}

/* The memory of any view as a Uint8Array, or a part of it. */
function viewOf(view, offset = 0, length = undefined) {
    const isTyped = TypedArrayPrototypeGetTag(view) !== undefined;
    const buffer = isTyped ? TypedArrayPrototypeGetBuffer(view) : DataViewPrototypeGetBuffer(view);
    const start = isTyped ? TypedArrayPrototypeGetByteOffset(view)
        : DataViewPrototypeGetByteOffset(view);
    return new Uint8Array(buffer, start + offset, length ?? byteLengthOf(view) - offset);
}

function byteLengthOf(view) {
    return TypedArrayPrototypeGetTag(view) !== undefined ? TypedArrayPrototypeGetByteLength(view)
        : DataViewPrototypeGetByteLength(view);
}

/* Data to write: a string stays one, the native side encodes it. */
function getData(value, name) {
    if (typeof value === 'string') {
        return value;
    }
    if (ArrayBufferIsView(value)) {
        return isUint8Array(value) ? value : viewOf(value);
    }
    throw new ERR_INVALID_ARG_TYPE(
        name, ['string', 'Buffer', 'TypedArray', 'DataView'], value);
}

function getBuffer(value) {
    if (!ArrayBufferIsView(value)) {
        throw new ERR_INVALID_ARG_TYPE('buffer', ['Buffer', 'TypedArray', 'DataView'], value);
    }
    return value;
}

/* ---- Options ----------------------------------------------------------------------------------*/

function checkEncoding(name) {
    if (name && name !== 'buffer' && native.encodingOf(name) < 0) {
        throw new ERR_INVALID_ARG_VALUE('encoding', name, 'is invalid encoding');
    }
}

const noOptions = { __proto__: null };

/* The options as an object; a string is the encoding. */
function getOptions(options) {
    if (options === null || options === undefined || typeof options === 'function') {
        return noOptions;
    }
    if (typeof options === 'string') {
        checkEncoding(options);
        return { __proto__: null, encoding: options };
    }
    if (typeof options !== 'object') {
        throw new ERR_INVALID_ARG_TYPE('options', ['string', 'Object'], options);
    }
    checkEncoding(options.encoding);
    validateAbortSignal(options.signal, 'options.signal');
    return options;
}

/* The encoding of a file's content: none means bytes. */
function contentEncoding(options) {
    const { encoding } = options;
    if (encoding === 'buffer') {
        throw new ERR_UNKNOWN_ENCODING(encoding);
    }
    return encoding ? native.encodingOf(encoding) : BYTES;
}

/* The encoding of names: none means text. */
function nameEncoding(options) {
    return options.encoding ? native.encodingOf(options.encoding) : UTF8;
}

/* The encoding of a string to write. */
function dataEncoding(encoding) {
    const number = encoding ? native.encodingOf(encoding) : UTF8;
    return number > BYTES ? number : UTF8;
}

function checkAborted(signal) {
    if (signal?.aborted) {
        throw new AbortError(undefined, { __proto__: null, cause: signal.reason });
    }
}

/* ---- Paths, descriptors, flags, modes, times --------------------------------------------------*/

function getPath(value, name = 'path') {
    let path = value;
    if (typeof path === 'object' && path !== null && path.href && path.protocol) {
        path = require('url').fileURLToPath(path);
    }
    if (typeof path === 'string') {
        if (!StringPrototypeIncludes(path, '\0')) {
            return path;
        }
    } else if (isUint8Array(path)) {
        if (!hasZero(path)) {
            return path;
        }
    } else {
        throw new ERR_INVALID_ARG_TYPE(name, ['string', 'Buffer', 'URL'], path);
    }
    throw new ERR_INVALID_ARG_VALUE(
        name, path, 'must be a string, Uint8Array, or URL without null bytes');
}

function hasZero(bytes) {
    const length = TypedArrayPrototypeGetLength(bytes);
    for (let i = 0; i < length; i++) {
        if (bytes[i] === 0) {
            return true;
        }
    }
    return false;
}

function getFd(fd, name = 'fd') {
    validateInt32(fd, name, 0);
    return fd;
}

/* Where a path or a descriptor may stand. */
function getTarget(value, name = 'path') {
    if (typeof value === 'number' && (value | 0) === value) {
        return getFd(value);
    }
    return getPath(value, name);
}

const flagNames = {
    __proto__: null,
    'r': O_RDONLY,
    'rs': O_RDONLY | O_SYNC,
    'sr': O_RDONLY | O_SYNC,
    'r+': O_RDWR,
    'rs+': O_RDWR | O_SYNC,
    'sr+': O_RDWR | O_SYNC,
    'w': O_TRUNC | O_CREAT | O_WRONLY,
    'wx': O_TRUNC | O_CREAT | O_WRONLY | O_EXCL,
    'xw': O_TRUNC | O_CREAT | O_WRONLY | O_EXCL,
    'w+': O_TRUNC | O_CREAT | O_RDWR,
    'wx+': O_TRUNC | O_CREAT | O_RDWR | O_EXCL,
    'xw+': O_TRUNC | O_CREAT | O_RDWR | O_EXCL,
    'a': O_APPEND | O_CREAT | O_WRONLY,
    'ax': O_APPEND | O_CREAT | O_WRONLY | O_EXCL,
    'xa': O_APPEND | O_CREAT | O_WRONLY | O_EXCL,
    'as': O_APPEND | O_CREAT | O_WRONLY | O_SYNC,
    'sa': O_APPEND | O_CREAT | O_WRONLY | O_SYNC,
    'a+': O_APPEND | O_CREAT | O_RDWR,
    'ax+': O_APPEND | O_CREAT | O_RDWR | O_EXCL,
    'xa+': O_APPEND | O_CREAT | O_RDWR | O_EXCL,
    'as+': O_APPEND | O_CREAT | O_RDWR | O_SYNC,
    'sa+': O_APPEND | O_CREAT | O_RDWR | O_SYNC,
};

function getFlags(flags, name = 'flags') {
    if (typeof flags === 'number') {
        validateInt32(flags, name);
        return flags;
    }
    if (flags === null || flags === undefined) {
        return O_RDONLY;
    }
    const number = typeof flags === 'string' ? flagNames[flags] : undefined;
    if (number === undefined) {
        throw new ERR_INVALID_ARG_VALUE(name, flags);
    }
    return number;
}

function getMode(mode, name, byDefault) {
    let number = mode ?? byDefault;
    if (typeof number === 'string') {
        if (RegExpPrototypeExec(/^[0-7]+$/, number) === null) {
            throw new ERR_INVALID_ARG_VALUE(
                name, mode, 'must be a 32-bit unsigned integer or an octal string');
        }
        number = NumberParseInt(number, 8);
    }
    validateUint32(number, name);
    return number;
}

/* A mode of access() or copyFile(): bits 0 to 7. */
function getBits(mode) {
    if (mode === null || mode === undefined) {
        return 0;
    }
    validateInteger(mode, 'mode', 0, 7);
    return mode;
}

/* Seconds since 1970. A time before that is taken as now, as Node.js does. */
function getTime(time, name = 'time') {
    const number = typeof time === 'string' && Number(time) == time ? Number(time) : time;
    if (NumberIsFinite(number)) {
        return number < 0 ? DatePrototypeGetTime(new Date()) / 1000 : number;
    }
    if (typeof number === 'object' && number !== null) {
        try {
            return DatePrototypeGetTime(number) / 1000;
        } catch {
            /* no Date */
        }
    }
    throw new ERR_INVALID_ARG_TYPE(name, ['Date', 'Time in seconds'], time);
}

/* ---- Places in buffers and files --------------------------------------------------------------*/

function getPosition(position, length) {
    if (position === null || position === undefined) {
        return -1;
    }
    if (typeof position === 'bigint') {
        const max = 2n ** 63n - 1n - BigInt(length);
        if (position < -1n || position > max) {
            throw new ERR_OUT_OF_RANGE('position', '>= -1 && <= ' + max, position);
        }
        return position;
    }
    if (typeof position !== 'number') {
        throw new ERR_INVALID_ARG_TYPE('position', ['bigint', 'integer'], position);
    }
    validateInteger(position, 'position', -1);
    return position;
}

/* For calls in which all that is no position means the current one. */
function getLaxPosition(position) {
    return NumberIsSafeInteger(position) && position >= 0 ? position : -1;
}

function checkLength(length, room) {
    if (length < 0) {
        throw new ERR_OUT_OF_RANGE('length', '>= 0', length);
    }
    if (length > room) {
        throw new ERR_OUT_OF_RANGE('length', '<= ' + room, length);
    }
}

function getOffset(offset) {
    if (offset === null || offset === undefined) {
        return 0;
    }
    validateInteger(offset, 'offset', 0);
    return offset;
}

function freshBuffer() {
    const { FastBuffer } = binding('buffer');
    return new FastBuffer(READ_SIZE);
}

/* What a read is given as { buffer, offset, length, position }: the four, or one object that holds
 * them, or nothing. */
function getReadArguments(given, offset, length, position) {
    if (ArrayBufferIsView(given)) {
        return { __proto__: null, buffer: given, offset, length, position };
    }
    const options = given ?? noOptions;
    validateObject(options, 'options');
    const { buffer = freshBuffer(), ...place } = options;
    return { __proto__: null, ...place, buffer: getBuffer(buffer) };
}

/* The arguments of a read as { view, offset, length, position }: either the three behind the
 * buffer, or one object with them. */
function getReadPlace(buffer, offsetOrOptions, length, position, toPosition = getPosition) {
    let from = { __proto__: null, offset: offsetOrOptions, length, position };
    if (typeof offsetOrOptions === 'object' && offsetOrOptions !== null) {
        from = offsetOrOptions;
    }
    const size = byteLengthOf(buffer);
    const offset = getOffset(from.offset);
    const wanted = from.length ?? size - offset;
    validateInteger(wanted, 'length');
    if (wanted !== 0 && size === 0) {
        throw new ERR_INVALID_ARG_VALUE('buffer', buffer, 'is empty and cannot be written');
    }
    checkLength(wanted, size - offset);
    const at = toPosition(from.position, wanted);
    return { __proto__: null, view: viewOf(buffer), offset, length: wanted, position: at };
}

/* The arguments of a write as { data, encoding, position }. Behind a string come position and
 * encoding. */
function getWritePlace(buffer, offsetOrOptions, length, position) {
    if (typeof buffer === 'string') {
        const at = getLaxPosition(offsetOrOptions);
        return { __proto__: null, data: buffer, encoding: dataEncoding(length), position: at };
    }
    getData(buffer, 'buffer');
    let from = { __proto__: null, offset: offsetOrOptions, length, position };
    if (typeof offsetOrOptions === 'object' && offsetOrOptions !== null) {
        from = offsetOrOptions;
    }
    const size = byteLengthOf(buffer);
    const offset = getOffset(from.offset);
    if (offset > size) {
        throw new ERR_OUT_OF_RANGE('offset', '<= ' + size, offset);
    }
    const wanted = typeof from.length === 'number' ? from.length : size - offset;
    checkLength(wanted, size - offset);
    validateInt32(wanted, 'length');
    const at = getLaxPosition(from.position);
    const data = viewOf(buffer, offset, wanted);
    return { __proto__: null, data, encoding: UTF8, position: at };
}

/* ---- Stats ------------------------------------------------------------------------------------*/

class FileKind {
    #is(kind) {
        return (Number(this.mode) & S_IFMT) === kind;
    }
    isBlockDevice() {
        return this.#is(S_IFBLK);
    }
    isCharacterDevice() {
        return this.#is(S_IFCHR);
    }
    isDirectory() {
        return this.#is(S_IFDIR);
    }
    isFIFO() {
        return this.#is(S_IFIFO);
    }
    isFile() {
        return this.#is(S_IFREG);
    }
    isSocket() {
        return this.#is(S_IFSOCK);
    }
    isSymbolicLink() {
        return this.#is(S_IFLNK);
    }
}

const dateOf = (ms) => new Date(MathRound(Number(ms)));

/* Fields are declared, not assigned, so that no setter of a prototype sees them. */
class Stats extends FileKind {
    dev;
    mode;
    nlink;
    uid;
    gid;
    rdev;
    blksize;
    ino;
    size;
    blocks;
    atimeMs;
    mtimeMs;
    ctimeMs;
    birthtimeMs;
    atime;
    mtime;
    ctime;
    birthtime;

    constructor(dev, mode, nlink, uid, gid, rdev, blksize, ino, size, blocks, atimeMs, mtimeMs,
        ctimeMs, birthtimeMs) {
        super();
        this.dev = dev;
        this.mode = mode;
        this.nlink = nlink;
        this.uid = uid;
        this.gid = gid;
        this.rdev = rdev;
        this.blksize = blksize;
        this.ino = ino;
        this.size = size;
        this.blocks = blocks;
        this.atimeMs = atimeMs;
        this.mtimeMs = mtimeMs;
        this.ctimeMs = ctimeMs;
        this.birthtimeMs = birthtimeMs;
        this.atime = dateOf(atimeMs);
        this.mtime = dateOf(mtimeMs);
        this.ctime = dateOf(ctimeMs);
        this.birthtime = dateOf(birthtimeMs);
    }
}

class BigIntStats extends FileKind {
    dev;
    mode;
    nlink;
    uid;
    gid;
    rdev;
    blksize;
    ino;
    size;
    blocks;
    atimeMs;
    mtimeMs;
    ctimeMs;
    birthtimeMs;
    atimeNs;
    mtimeNs;
    ctimeNs;
    birthtimeNs;
    atime;
    mtime;
    ctime;
    birthtime;

    constructor(raw) {
        super();
        this.dev = raw[0];
        this.mode = raw[1];
        this.nlink = raw[2];
        this.uid = raw[3];
        this.gid = raw[4];
        this.rdev = raw[5];
        this.blksize = raw[6];
        this.ino = raw[7];
        this.size = raw[8];
        this.blocks = raw[9];
        this.atimeNs = raw[10] * 1_000_000_000n + raw[11];
        this.mtimeNs = raw[12] * 1_000_000_000n + raw[13];
        this.ctimeNs = raw[14] * 1_000_000_000n + raw[15];
        this.birthtimeNs = raw[16] * 1_000_000_000n + raw[17];
        this.atimeMs = this.atimeNs / 1_000_000n;
        this.mtimeMs = this.mtimeNs / 1_000_000n;
        this.ctimeMs = this.ctimeNs / 1_000_000n;
        this.birthtimeMs = this.birthtimeNs / 1_000_000n;
        this.atime = dateOf(this.atimeMs);
        this.mtime = dateOf(this.mtimeMs);
        this.ctime = dateOf(this.ctimeMs);
        this.birthtime = dateOf(this.birthtimeMs);
    }
}

const milliseconds = (seconds, nanoseconds) => seconds * 1000 + nanoseconds / 1e6;

function statsOf(raw) {
    if (typeof raw[0] === 'bigint') {
        return new BigIntStats(raw);
    }
    return new Stats(
        raw[0], raw[1], raw[2], raw[3], raw[4], raw[5], raw[6], raw[7], raw[8], raw[9],
        milliseconds(raw[10], raw[11]), milliseconds(raw[12], raw[13]),
        milliseconds(raw[14], raw[15]), milliseconds(raw[16], raw[17]));
}

/* ---- Dirent -----------------------------------------------------------------------------------*/

class Dirent {
    name;
    parentPath;
    path;
    #type;

    constructor(name, type, path) {
        this.name = name;
        this.parentPath = path;
        this.path = path;
        this.#type = type;
    }
    isBlockDevice() {
        return this.#type === constants.UV_DIRENT_BLOCK;
    }
    isCharacterDevice() {
        return this.#type === constants.UV_DIRENT_CHAR;
    }
    isDirectory() {
        return this.#type === constants.UV_DIRENT_DIR;
    }
    isFIFO() {
        return this.#type === constants.UV_DIRENT_FIFO;
    }
    isFile() {
        return this.#type === constants.UV_DIRENT_FILE;
    }
    isSocket() {
        return this.#type === constants.UV_DIRENT_SOCKET;
    }
    isSymbolicLink() {
        return this.#type === constants.UV_DIRENT_LINK;
    }
}

/* Dirents of the native lists [names, types, folders below path]. */
function direntsOf(path, lists) {
    const { 0: names, 1: types, 2: folders } = lists;
    const { join } = require('path');
    const dirents = [];
    for (let i = 0; i < names.length; i++) {
        const parent = folders[i] === '' ? path : join(path, folders[i]);
        ArrayPrototypePush(dirents, new Dirent(names[i], types[i], parent));
    }
    return dirents;
}

/* ---- Errors that no system call made ----------------------------------------------------------*/

/* rm of a folder without `recursive`. */
function isDirectoryError(path) {
    const error = new ERR_FS_EISDIR(path);
    const info = {
        __proto__: null, code: 'EISDIR', message: 'is a directory', path, syscall: 'rm', errno: 21,
    };
    define(error, 'name', 'SystemError', false);
    define(error, 'info', info);
    define(error, 'errno', info.errno);
    define(error, 'syscall', info.syscall);
    define(error, 'path', path);
    return error;
}

/* ---- Iterables to write -----------------------------------------------------------------------*/

function isIterable(value) {
    return value !== null && typeof value === 'object' && !ArrayBufferIsView(value) &&
        (typeof value[SymbolAsyncIterator] === 'function' ||
            typeof value[SymbolIterator] === 'function');
}

return {
    __proto__: null,
    BYTES,
    Dirent,
    Stats,
    UTF8,
    checkAborted,
    constants,
    contentEncoding,
    dataEncoding,
    direntsOf,
    getBits,
    getBuffer,
    getData,
    getFd,
    getFlags,
    getLaxPosition,
    getMode,
    getOptions,
    getPath,
    getReadArguments,
    getReadPlace,
    getTarget,
    getTime,
    getWritePlace,
    isDirectoryError,
    isIterable,
    nameEncoding,
    native,
    statsOf,
};
