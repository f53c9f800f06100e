/* node:fs: the synchronous and the callback forms, and `promises`. */
const {
    ArrayPrototypeUnshift,
    ObjectDefineProperty,
    Promise,
    ReflectApply,
    SymbolFor,
} = primordials;
const slice = require('internal/slice');
const { validateFunction, validateObject } = require('internal/validators');
const calls = require('internal/fs_calls');
const { Dirent, Stats, constants, getBuffer, getReadArguments } = require('internal/fs_utils');

const fs = {};

/* ---- The forms that are all alike -------------------------------------------------------------*/

/* The place of the callback; the arguments in front of it, all but the first, may be left out. */
const places = {
    __proto__: null,
    access: 2,
    appendFile: 3,
    chmod: 2,
    close: 1,
    copyFile: 3,
    fchmod: 2,
    fdatasync: 1,
    fstat: 2,
    fsync: 1,
    ftruncate: 2,
    futimes: 3,
    link: 2,
    lstat: 2,
    mkdir: 2,
    mkdtemp: 2,
    open: 3,
    readFile: 2,
    readdir: 2,
    readlink: 2,
    realpath: 2,
    rename: 2,
    rm: 2,
    rmdir: 2,
    stat: 2,
    symlink: 3,
    truncate: 2,
    unlink: 1,
    utimes: 3,
    writeFile: 3,
};

function placeOfCallback(args, last) {
    let place = last;
    while (place > 0 && typeof args[place] !== 'function') {
        place--;
    }
    validateFunction(args[place > 0 ? place : last], 'cb');
    return place;
}

function callbackForm(name, operation, last) {
    return {
        [name](...args) {
            const place = placeOfCallback(args, last);
            const given = slice(args, 0, place);
            ArrayPrototypeUnshift(given, args[place]);
            ReflectApply(operation, undefined, given);
        },
    }[name];
}

function synchronousForm(name, operation) {
    return {
        [name](...args) {
            ArrayPrototypeUnshift(args, undefined);
            return ReflectApply(operation, undefined, args);
        },
    }[name];
}

for (const name in places) {
    fs[name] = callbackForm(name, calls[name], places[name]);
    fs[`${name}Sync`] = synchronousForm(`${name}Sync`, calls[name]);
}
fs.realpath.native = callbackForm('native', calls.realpathNative, 2);
fs.realpathSync.native = synchronousForm('native', calls.realpathNative);

/* ---- Those with ways of their own -------------------------------------------------------------*/

/* undefined for what is not there, if that is asked for. */
function unlessMissing(operation, path, options) {
    try {
        return operation(undefined, path, options);
    } catch (error) {
        if (options?.throwIfNoEntry === false && error.code === 'ENOENT') {
            return undefined;
        }
        throw error;
    }
}

fs.statSync = function statSync(path, options) {
    return unlessMissing(calls.stat, path, options);
};

fs.lstatSync = function lstatSync(path, options) {
    return unlessMissing(calls.lstat, path, options);
};

fs.existsSync = function existsSync(path) {
    try {
        calls.access(undefined, path);
        return true;
    } catch {
        return false;
    }
};

fs.exists = function exists(path, callback) {
    validateFunction(callback, 'cb');
    try {
        calls.access((error) => callback(error === null), path);
    } catch {
        callback(false);
    }
};

ObjectDefineProperty(fs.exists, SymbolFor('nodejs.util.promisify.custom'), {
    __proto__: null,
    value: (path) => new Promise((resolve) => fs.exists(path, resolve)),
});

/* Calls back with the buffer as third argument. */
function withBuffer(callback, buffer) {
    return (error, count) => callback(error, error === null ? count : 0, buffer);
}

/* (fd, buffer, offset, length, position, cb), (fd, buffer, options, cb), (fd, options, cb),
 * (fd, cb). */
fs.read = function read(fd, ...args) {
    const place = args.length > 5 ? 4 : args.length - 1;
    const callback = args[place];
    validateFunction(callback, 'cb');
    args[place] = undefined;
    if (place > 1) {
        getBuffer(args[0]);
    }
    const { buffer, offset, length, position } =
        getReadArguments(args[0], args[1], args[2], args[3]);
    calls.read(withBuffer(callback, buffer), fd, buffer, offset, length, position);
};

fs.readSync = function readSync(fd, buffer, offsetOrOptions, length, position) {
    getBuffer(buffer);
    if (arguments.length <= 3 && offsetOrOptions !== undefined) {
        validateObject(offsetOrOptions, 'options', { __proto__: null, nullable: true });
    }
    return calls.read(undefined, fd, buffer, offsetOrOptions, length, position);
};

/* (fd, buffer, offset, length, position, cb), (fd, buffer, options, cb), (fd, text, position,
 * encoding, cb): what stands between the second argument and cb may be left out. */
fs.write = function write(fd, buffer, ...args) {
    let place = args.length > 4 ? 3 : args.length - 1;
    while (place > 0 && typeof args[place] !== 'function') {
        place--;
    }
    const callback = args[place];
    validateFunction(callback, 'cb');
    args[place] = undefined;
    calls.write(withBuffer(callback, buffer), fd, buffer, args[0], args[1], args[2]);
};

fs.writeSync = function writeSync(fd, buffer, offsetOrOptions, length, position) {
    return calls.write(undefined, fd, buffer, offsetOrOptions, length, position);
};

/* ---- The rest ---------------------------------------------------------------------------------*/

fs.Dirent = Dirent;
fs.Stats = Stats;
for (const name of ['F_OK', 'R_OK', 'W_OK', 'X_OK']) {
    ObjectDefineProperty(fs, name, { __proto__: null, value: constants[name], enumerable: true });
}
ObjectDefineProperty(fs, 'constants', { __proto__: null, value: constants, enumerable: true });
ObjectDefineProperty(fs, 'promises', {
    __proto__: null,
    get: () => require('fs/promises'),
    enumerable: true,
    configurable: true,
});

return fs;
