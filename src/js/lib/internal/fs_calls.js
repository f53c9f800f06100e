/* The operations of fs, each once for its three forms.
 *
 * The first argument says how: undefined runs at once; true gives a promise; a function is called
 * back with an error or with null and the value. The other arguments are those of Node.js. */
const { Promise } = primordials;
const { ERR_FS_INVALID_SYMLINK_TYPE } = require('internal/errors');
const {
    validateBoolean, validateInt32, validateInteger, validateObject, validateUint32,
} = require('internal/validators');
const {
    BYTES,
    checkAborted,
    contentEncoding,
    dataEncoding,
    direntsOf,
    getBits,
    getData,
    getFd,
    getFlags,
    getMode,
    getOptions,
    getPath,
    getReadPlace,
    getTarget,
    getTime,
    getWritePlace,
    isDirectoryError,
    nameEncoding,
    native,
    statsOf,
} = require('internal/fs_utils');

const FLAT = 0; /* the orders of the native readdir */
const WIDE = 1;
const DEEP = 2;

/* Call back with what convert makes of the value. */
function converted(callback, convert, error, value) {
    if (error !== null) {
        callback(error);
        return;
    }
    let result;
    try {
        result = convert(value);
    } catch (failure) {
        callback(failure);
        return;
    }
    if (result === undefined) {
        callback(null);
    } else {
        callback(null, result);
    }
}

/* run(how) is the native call; convert, if there is one, makes the result of its value. */
function finish(how, convert, run) {
    if (convert === undefined) {
        return run(how);
    }
    if (how === undefined) {
        return convert(run(undefined));
    }
    if (how !== true) {
        return run((error, value) => converted(how, convert, error, value));
    }
    return new Promise((resolve, reject) => {
        const settle = (error, value) => {
            if (error) {
                reject(error);
            } else {
                resolve(value);
            }
        };
        run((error, value) => converted(settle, convert, error, value));
    });
}

/* ---- Content ----------------------------------------------------------------------------------*/

/* Look at the signal again when the work is done. */
function unlessAborted(signal) {
    if (signal === undefined) {
        return undefined;
    }
    return (value) => {
        checkAborted(signal);
        return value;
    };
}

function readFile(how, path, options) {
    const given = getOptions(options);
    const encoding = contentEncoding(given);
    const target = getTarget(path);
    const flags = getFlags(given.flag, 'options.flag');
    const signal = how === undefined ? undefined : given.signal;
    checkAborted(signal);
    const convert = unlessAborted(signal);
    return finish(how, convert, (way) => native.readFile(target, flags, encoding, way));
}

function writeWith(how, path, data, options, flag) {
    const given = getOptions(options);
    const { encoding, flush = false, mode, signal } = given;
    validateBoolean(flush, 'options.flush');
    const bytes = getData(data, 'data');
    const target = getTarget(path);
    const flags = getFlags(given.flag || flag);
    const bits = getMode(mode, 'mode', 0o666);
    if (how !== undefined) {
        checkAborted(signal);
    }
    const convert = how === undefined ? undefined : unlessAborted(signal);
    const number = dataEncoding(encoding);
    return finish(how, convert, (way) =>
        native.writeFile(target, bytes, number, flags, bits, flush ? 1 : 0, way));
}

function writeFile(how, path, data, options) {
    return writeWith(how, path, data, options, 'w');
}

function appendFile(how, path, data, options) {
    return writeWith(how, path, data, options, 'a');
}

function copyFile(how, src, dest, mode) {
    return native.copyFile(getPath(src, 'src'), getPath(dest, 'dest'), getBits(mode), how);
}

function truncate(how, path, len = 0) {
    validateInteger(len, 'len');
    return native.truncate(getPath(path), len > 0 ? len : 0, how);
}

function ftruncate(how, fd, len = 0) {
    validateInteger(len, 'len');
    return native.truncate(getFd(fd), len > 0 ? len : 0, how);
}

/* ---- Descriptors ------------------------------------------------------------------------------*/

function open(how, path, flags = 'r', mode = 0o666) {
    return native.open(getPath(path), getFlags(flags), getMode(mode, 'mode', 0o666), how);
}

function close(how, fd) {
    return native.close(getFd(fd), how);
}

function read(how, fd, buffer, offset, length, position) {
    const place = getReadPlace(buffer, offset, length, position);
    return native.read(getFd(fd), place.view, place.offset, place.length, place.position, how);
}

function write(how, fd, buffer, offset, length, position) {
    const place = getWritePlace(buffer, offset, length, position);
    return native.write(getFd(fd), place.data, place.encoding, place.position, how);
}

function fsync(how, fd) {
    return native.sync(getFd(fd), 0, how);
}

function fdatasync(how, fd) {
    return native.sync(getFd(fd), 1, how);
}

/* ---- What is known of files -------------------------------------------------------------------*/

const wantsBigInt = (options) => (options?.bigint ? 1 : 0);

function stat(how, path, options) {
    const target = getPath(path);
    return finish(how, statsOf, (way) => native.stat(target, wantsBigInt(options), way));
}

function lstat(how, path, options) {
    const target = getPath(path);
    return finish(how, statsOf, (way) => native.lstat(target, wantsBigInt(options), way));
}

function fstat(how, fd, options) {
    const number = getFd(fd);
    return finish(how, statsOf, (way) => native.fstat(number, wantsBigInt(options), way));
}

function access(how, path, mode) {
    return native.access(getPath(path), getBits(mode), how);
}

function chmod(how, path, mode) {
    return native.chmod(getPath(path), getMode(mode, 'mode'), how);
}

function fchmod(how, fd, mode) {
    return native.chmod(getFd(fd), getMode(mode, 'mode'), how);
}

function utimes(how, path, atime, mtime) {
    return native.utimes(getPath(path), getTime(atime), getTime(mtime), how);
}

function futimes(how, fd, atime, mtime) {
    return native.utimes(getFd(fd), getTime(atime, 'atime'), getTime(mtime, 'mtime'), how);
}

/* ---- Names ------------------------------------------------------------------------------------*/

function rename(how, oldPath, newPath) {
    return native.rename(getPath(oldPath, 'oldPath'), getPath(newPath, 'newPath'), how);
}

function link(how, existingPath, newPath) {
    return native.link(getPath(existingPath, 'existingPath'), getPath(newPath, 'newPath'), how);
}

/* The type of a link means something on Windows only. */
function symlink(how, target, path, type) {
    if (type !== null && type !== undefined && type !== 'dir' && type !== 'file' &&
        type !== 'junction') {
        throw new ERR_FS_INVALID_SYMLINK_TYPE(type);
    }
    return native.symlink(getPath(target, 'target'), getPath(path), how);
}

function readlink(how, path, options) {
    const encoding = nameEncoding(getOptions(options));
    const target = getPath(path, 'oldPath');
    return native.readlink(target, encoding, how);
}

/* By the system alone. */
function realpathNative(how, path, options) {
    const encoding = nameEncoding(getOptions(options));
    const target = getPath(path);
    return native.realpath(target, 0, encoding, how);
}

/* After resolving '..' in the text; an error names the step that failed. */
function realpath(how, path, options) {
    const encoding = nameEncoding(getOptions(options));
    let target = getPath(path);
    const walk = typeof target === 'string' ? 1 : 0;
    if (walk) {
        target = require('path').resolve(target);
    }
    return native.realpath(target, walk, encoding, how);
}

function unlink(how, path) {
    return native.unlink(getPath(path), how);
}

/* ---- Folders ----------------------------------------------------------------------------------*/

function mkdir(how, path, options) {
    let mode = options;
    let recursive = false;
    if (typeof options === 'object' && options !== null) {
        ({ mode, recursive = false } = options);
    } else if (typeof options !== 'number' && typeof options !== 'string') {
        mode = undefined;
    }
    const target = getPath(path);
    validateBoolean(recursive, 'options.recursive');
    return native.mkdir(target, getMode(mode, 'mode', 0o777), recursive ? 1 : 0, how);
}

function mkdtemp(how, prefix, options) {
    const encoding = nameEncoding(getOptions(options));
    const target = getPath(prefix, 'prefix');
    return native.mkdtemp(target, encoding, how);
}

/* A promise's list goes down into the folder found last, the others go down level by level. */
function orderOf(how, recursive) {
    if (!recursive) {
        return FLAT;
    }
    return how === true ? DEEP : WIDE;
}

function readdir(how, path, options) {
    const given = getOptions(options);
    const { recursive = false } = given;
    validateBoolean(recursive, 'options.recursive');
    const target = getPath(path);
    const encoding = nameEncoding(given);
    const order = orderOf(how, recursive);
    const withTypes = given.withFileTypes ? 1 : 0;
    const convert = withTypes ? (lists) => direntsOf(target, lists) : undefined;
    return finish(how, convert, (way) => native.readdir(target, encoding, order, withTypes, way));
}

function rmdir(how, path) {
    return native.rmdir(getPath(path), how);
}

function removal(options) {
    validateObject(options, 'options');
    const { recursive = false, force = false, maxRetries = 0, retryDelay = 100 } = options;
    validateBoolean(force, 'options.force');
    validateBoolean(recursive, 'options.recursive');
    validateInt32(retryDelay, 'options.retryDelay', 0);
    validateUint32(maxRetries, 'options.maxRetries');
    return { __proto__: null, recursive, force, maxRetries, retryDelay };
}

function rm(how, path, options = { __proto__: null }) {
    const target = getPath(path);
    const { recursive, force, maxRetries, retryDelay } = removal(options);
    const convert = (outcome) => {
        if (outcome === 1) {
            throw isDirectoryError(target);
        }
    };
    return finish(how, convert, (way) =>
        native.remove(target, recursive ? 1 : 0, force ? 1 : 0, maxRetries, retryDelay, way));
}

return {
    __proto__: null,
    access,
    appendFile,
    chmod,
    close,
    copyFile,
    fchmod,
    fdatasync,
    fstat,
    fsync,
    ftruncate,
    futimes,
    link,
    lstat,
    mkdir,
    mkdtemp,
    open,
    read,
    readFile,
    readdir,
    readlink,
    realpath,
    realpathNative,
    rename,
    rm,
    rmdir,
    stat,
    symlink,
    truncate,
    unlink,
    utimes,
    write,
    writeFile,
};
