/* node:fs/promises: each operation as a promise, and open files as FileHandle. */
const { ArrayPrototypeUnshift, ReflectApply } = primordials;
const calls = require('internal/fs_calls');
const { isFileHandle, makeFileHandle } = require('internal/fs_handle');
const { checkAborted, constants, getOptions, isIterable } = require('internal/fs_utils');

/* Awaiting looks up no then, which a script may have changed; returning a promise does. */
const promises = {
    async appendFile(path, data, options) {
        if (isFileHandle(path)) {
            return await path.appendFile(data, options);
        }
        return await calls.appendFile(true, path, data, options);
    },

    constants,

    async open(path, flags, mode) {
        return makeFileHandle(await calls.open(true, path, flags, mode));
    },

    async readFile(path, options) {
        return await (isFileHandle(path) ? path.readFile(options) : calls.readFile(true, path, options));
    },

    async writeFile(path, data, options) {
        if (isFileHandle(path)) {
            return await path.writeFile(data, options);
        }
        return await (isIterable(data) ? writePieces(path, data, options)
            : calls.writeFile(true, path, data, options));
    },
};

async function writePieces(path, pieces, options) {
    const { flag = 'w', mode = 0o666, signal } = getOptions(options);
    checkAborted(signal);
    const handle = await promises.open(path, flag, mode);
    try {
        await handle.writeFile(pieces, options);
    } finally {
        await handle.close();
    }
}

/* The name of the operation and what it is here. */
const simple = {
    __proto__: null,
    access: calls.access,
    chmod: calls.chmod,
    copyFile: calls.copyFile,
    link: calls.link,
    lstat: calls.lstat,
    mkdir: calls.mkdir,
    mkdtemp: calls.mkdtemp,
    readdir: calls.readdir,
    readlink: calls.readlink,
    realpath: calls.realpathNative,
    rename: calls.rename,
    rm: calls.rm,
    rmdir: calls.rmdir,
    stat: calls.stat,
    symlink: calls.symlink,
    truncate: calls.truncate,
    unlink: calls.unlink,
    utimes: calls.utimes,
};
for (const name in simple) {
    const operation = simple[name];
    const { [name]: method } = {
        async [name](...args) {
            ArrayPrototypeUnshift(args, true);
            return await ReflectApply(operation, undefined, args);
        },
    };
    promises[name] = method;
}

return promises;
