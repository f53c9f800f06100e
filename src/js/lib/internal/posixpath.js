/* Paths with slashes: the object node:path gives on this system. */
const { ArrayPrototypePop, StringPrototypeCharCodeAt, StringPrototypeSlice } = primordials;
const { validateString } = require('internal/validators');
const host = require('internal/host');
const text = require('internal/pathtext');

const SLASH = 47;
const isSep = (code) => code === SLASH;
const isSame = (a, b) => a === b;
const isAbsolutePath = (path) => StringPrototypeCharCodeAt(path, 0) === SLASH;

/* The parts of a resolved path; the root has one, the empty one in front. */
function resolvedParts(path) {
    const parts = text.partsOf(posix.resolve(path), isSep);
    if (parts.length === 2 && parts[1] === '') {
        ArrayPrototypePop(parts);
    }
    return parts;
}

const posix = {
    resolve(...args) {
        let path = '';
        let absolute = false;
        for (let i = args.length - 1; i >= 0 && !absolute; i--) {
            validateString(args[i], 'paths[' + i + ']');
            if (args[i].length > 0) {
                path = args[i] + '/' + path;
                absolute = isAbsolutePath(args[i]);
            }
        }
        if (!absolute) {
            path = host.cwd() + '/' + path;
            absolute = isAbsolutePath(path);
        }
        const clean = text.resolveDots(path, !absolute, '/', isSep);
        return absolute ? '/' + clean : clean || '.';
    },

    normalize(path) {
        validateString(path, 'path');
        if (path.length === 0) {
            return '.';
        }
        const absolute = isAbsolutePath(path);
        const trailing = StringPrototypeCharCodeAt(path, path.length - 1) === SLASH;
        const clean = text.resolveDots(path, !absolute, '/', isSep);
        if (clean.length === 0) {
            return absolute ? '/' : trailing ? './' : '.';
        }
        return (absolute ? '/' : '') + clean + (trailing ? '/' : '');
    },

    isAbsolute(path) {
        validateString(path, 'path');
        return isAbsolutePath(path);
    },

    join(...args) {
        const joined = text.joinArguments(args, '/');
        return joined === undefined ? '.' : posix.normalize(joined);
    },

    relative(from, to) {
        validateString(from, 'from');
        validateString(to, 'to');
        return text.wayBetween(resolvedParts(from), resolvedParts(to), '/', isSame).text;
    },

    toNamespacedPath(path) {
        return path;
    },

    dirname(path) {
        validateString(path, 'path');
        if (path.length === 0) {
            return '.';
        }
        let end = path.length;
        while (end > 1 && StringPrototypeCharCodeAt(path, end - 1) === SLASH) {
            end--;
        }
        while (end > 1 && StringPrototypeCharCodeAt(path, end - 1) !== SLASH) {
            end--;
        }
        end--; /* the slash before the last part, if it is not the root's */
        if (end < 1) {
            return isAbsolutePath(path) ? '/' : '.';
        }
        return end === 1 && isAbsolutePath(path) ? '//' : StringPrototypeSlice(path, 0, end);
    },

    basename(path, suffix) {
        if (suffix !== undefined) {
            validateString(suffix, 'suffix');
        }
        validateString(path, 'path');
        return text.basename(path, suffix, 0, isSep);
    },

    extname(path) {
        validateString(path, 'path');
        return text.extname(path, 0, isSep);
    },

    format(pathObject) {
        return text.format('/', pathObject);
    },

    parse(path) {
        validateString(path, 'path');
        const pieces = text.parse(path, isAbsolutePath(path) ? 1 : 0, isSep);
        if (pieces.base === '..' && pieces.dir === '/' && path[1] === '.') {
            pieces.name = pieces.ext = '.'; /* as Node.js splits '/..' */
        }
        return pieces;
    },

    sep: '/',
    delimiter: ':',
};

return posix;
