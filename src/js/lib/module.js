/* node:module: what of Node.js's Module a program needs that does not patch the loader. */
const { ObjectFreeze, StringPrototypeStartsWith } = primordials;
const native = binding('modules');
const { codes: { ERR_INVALID_ARG_VALUE } } = require('internal/errors');

/* The path that createRequire's argument names; undefined if it names none. */
function pathOf(file) {
    const url = typeof file === 'object' && file !== null && typeof file.href === 'string'
        ? file.href : file;
    if (typeof url !== 'string') {
        return undefined;
    }
    if (StringPrototypeStartsWith(url, 'file:')) {
        return native.pathOfURL(url);
    }
    return url === file && StringPrototypeStartsWith(url, '/') ? url : undefined;
}

/* A require function for code in that file; a path that ends in a slash names a directory. */
function createRequire(filename) {
    const path = pathOf(filename);
    if (typeof path !== 'string') {
        throw new ERR_INVALID_ARG_VALUE('filename', filename,
            'must be a file URL object, file URL string, or absolute path string');
    }
    return native.createRequire(path);
}

function isBuiltin(moduleName) {
    return typeof moduleName === 'string' && native.isBuiltin(moduleName);
}

return {
    builtinModules: ObjectFreeze(native.builtinNames()),
    createRequire,
    isBuiltin,
};
