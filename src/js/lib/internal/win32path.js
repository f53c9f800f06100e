/* Paths of Windows: backslashes and slashes, drives, UNC and device roots. */
const {
    ArrayPrototypeIncludes,
    ArrayPrototypePop,
    ArrayPrototypeShift,
    StringPrototypeCharCodeAt,
    StringPrototypeIndexOf,
    StringPrototypeSlice,
    StringPrototypeToLowerCase,
    StringPrototypeToUpperCase,
} = primordials;
const { validateString } = require('internal/validators');
const host = require('internal/host');
const text = require('internal/pathtext');

const SLASH = 47;
const COLON = 58;
const BACKSLASH = 92;
const isSep = (code) => code === SLASH || code === BACKSLASH;
const isBackslash = (code) => code === BACKSLASH;
const sepAt = (path, index) => isSep(StringPrototypeCharCodeAt(path, index));
const lower = StringPrototypeToLowerCase;

/* Names that mean devices in every directory. The last six end in superscript digits. */
const reserved = [
    'CON', 'PRN', 'AUX', 'NUL',
    'COM1', 'COM2', 'COM3', 'COM4', 'COM5', 'COM6', 'COM7', 'COM8', 'COM9',
    'LPT1', 'LPT2', 'LPT3', 'LPT4', 'LPT5', 'LPT6', 'LPT7', 'LPT8', 'LPT9',
    'COM\xb9', 'COM\xb2', 'COM\xb3', 'LPT\xb9', 'LPT\xb2', 'LPT\xb3',
];

function isReserved(path, colon) {
    return ArrayPrototypeIncludes(reserved,
        StringPrototypeToUpperCase(StringPrototypeSlice(path, 0, colon)));
}

function hasDrive(path) {
    const letter = StringPrototypeCharCodeAt(path, 0) | 32;
    return letter >= 97 && letter <= 122 && StringPrototypeCharCodeAt(path, 1) === COLON;
}

/* The first index from `start` where being a separator is `wanted`, or the end. */
function skip(path, start, wanted) {
    let i = start;
    while (i < path.length && sepAt(path, i) !== wanted) {
        i++;
    }
    return i;
}

/* host and share of \\host\share, and where the share ends; undefined if the path is not one. */
function matchUnc(path) {
    if (!sepAt(path, 0) || !sepAt(path, 1)) {
        return undefined;
    }
    const hostEnd = skip(path, 2, true);
    const shareStart = skip(path, hostEnd, false);
    if (hostEnd === 2 || shareStart === path.length) {
        return undefined;
    }
    const end = skip(path, shareStart, true);
    return {
        __proto__: null,
        host: StringPrototypeSlice(path, 2, hostEnd),
        share: StringPrototypeSlice(path, shareStart, end),
        end,
    };
}

/* The device of a path ('' if none), whether the path is absolute, where its root ends. */
function splitRoot(path) {
    const unc = matchUnc(path);
    if (unc !== undefined) {
        const device = unc.host === '.' || unc.host === '?';
        return {
            __proto__: null,
            device: device ? '\\\\' + unc.host : '\\\\' + unc.host + '\\' + unc.share,
            absolute: true,
            end: device ? 4 : unc.end,
            bareUnc: !device && unc.end === path.length,
        };
    }
    if (sepAt(path, 0)) {
        return { __proto__: null, device: '', absolute: true, end: 1, bareUnc: false };
    }
    if (!hasDrive(path)) {
        return { __proto__: null, device: '', absolute: false, end: 0, bareUnc: false };
    }
    const absolute = sepAt(path, 2);
    return {
        __proto__: null,
        device: StringPrototypeSlice(path, 0, 2),
        absolute,
        end: absolute ? 3 : 2,
        bareUnc: false,
    };
}

/* The length of the root as dirname and parse show it: with the separator that follows a share. */
function shownRoot(path) {
    const unc = matchUnc(path);
    if (unc !== undefined) {
        return unc.end === path.length ? unc.end : unc.end + 1;
    }
    if (sepAt(path, 0)) {
        return 1;
    }
    return hasDrive(path) ? sepAt(path, 2) ? 3 : 2 : 0;
}

/* Where relative parts go on when the arguments named a drive but no directory: the drive's own
 * current directory, which only Windows knows, or its root. */
function directoryOf(drive) {
    if (drive === '') {
        return host.cwd();
    }
    const path = require('process').env['=' + drive] || host.cwd();
    const foreign = lower(StringPrototypeSlice(path, 0, 2)) !== lower(drive) &&
        StringPrototypeCharCodeAt(path, 2) === BACKSLASH;
    return foreign ? drive + '\\' : path;
}

/* Whether a relative result could be read as a drive, because of a colon in the given path. */
function looksLikeDrive(path, tail) {
    if (tail.length >= 2 && hasDrive(tail)) {
        return true;
    }
    let colon = StringPrototypeIndexOf(path, ':');
    while (colon >= 0) {
        if (colon === path.length - 1 || sepAt(path, colon + 1)) {
            return true;
        }
        colon = StringPrototypeIndexOf(path, ':', colon + 1);
    }
    return false;
}

function normalizeRooted(path, root) {
    const colon = StringPrototypeIndexOf(path, ':');
    const reservedName = isReserved(path, colon);
    let { device, end } = root;
    if (reservedName && colon > 0 && !root.absolute && device === '') {
        device = StringPrototypeSlice(path, 0, colon + 1);
        end = colon + 1;
    }
    let tail = text.resolveDots(StringPrototypeSlice(path, end), !root.absolute, '\\', isSep);
    if (tail.length === 0 && !root.absolute) {
        tail = '.';
    }
    if (tail.length > 0 && sepAt(path, path.length - 1)) {
        tail += '\\';
    }
    if (!root.absolute && device === '' && looksLikeDrive(path, tail)) {
        return '.\\' + tail;
    }
    if (reservedName) {
        return '.\\' + device + tail;
    }
    return root.absolute ? device + '\\' + tail : device + tail;
}

/* The parts of a resolved path, without the empty ones that its root leaves at the ends; the first is
 * kept where Node.js compares whole parts because lower case changed a length. */
function partsOf(path, keepFirst) {
    const parts = text.partsOf(path, isBackslash);
    while (!keepFirst && parts.length > 0 && parts[0] === '') {
        ArrayPrototypeShift(parts);
    }
    while (parts.length > (keepFirst ? 1 : 0) && parts[parts.length - 1] === '') {
        ArrayPrototypePop(parts);
    }
    return parts;
}

const win32 = {
    resolve(...args) {
        let device = '';
        let tail = '';
        let absolute = false;
        for (let i = args.length - 1; i >= -1; i--) {
            if (i >= 0) {
                validateString(args[i], 'paths[' + i + ']');
            }
            const path = i >= 0 ? args[i] : directoryOf(device);
            if (path.length === 0) {
                continue;
            }
            const root = splitRoot(path);
            if (root.device !== '' && device !== '' && lower(root.device) !== lower(device)) {
                continue; /* another device: without effect */
            }
            device = device || root.device;
            if (!absolute) {
                tail = StringPrototypeSlice(path, root.end) + '\\' + tail;
                absolute = root.absolute;
            }
            if (absolute && device !== '') {
                break;
            }
        }
        tail = text.resolveDots(tail, !absolute, '\\', isSep);
        return absolute ? device + '\\' + tail : device + tail || '.';
    },

    normalize(path) {
        validateString(path, 'path');
        if (path.length === 0) {
            return '.';
        }
        if (path.length === 1) {
            return path === '/' ? '\\' : path;
        }
        const root = splitRoot(path);
        return root.bareUnc ? root.device + '\\' : normalizeRooted(path, root);
    },

    isAbsolute(path) {
        validateString(path, 'path');
        return sepAt(path, 0) || (hasDrive(path) && sepAt(path, 2));
    },

    join(...args) {
        let joined = text.joinArguments(args, '\\');
        if (joined === undefined) {
            return '.';
        }
        /* Two separators in front would make a UNC root: kept only if the first argument that is not
         * empty has exactly these two and something behind them. */
        const first = firstNonEmpty(args);
        const wantsUnc = skip(first, 0, false) === 2 && first.length > 2;
        const seps = skip(joined, 0, false);
        if (!wantsUnc && seps >= 2) {
            joined = '\\' + StringPrototypeSlice(joined, seps);
        }
        return win32.normalize(joined);
    },

    relative(from, to) {
        validateString(from, 'from');
        validateString(to, 'to');
        if (from === to) {
            return '';
        }
        const start = win32.resolve(from);
        const goal = win32.resolve(to);
        if (lower(start) === lower(goal)) {
            return '';
        }
        const uneven = lower(start).length !== start.length || lower(goal).length !== goal.length;
        const startParts = partsOf(start, uneven);
        const goalParts = partsOf(goal, uneven);
        const { common, text: way } = text.wayBetween(startParts, goalParts, '\\',
            (a, b) => lower(a) === lower(b));
        const apart = common === 0 && startParts.length > 0 && goalParts.length > 0;
        return apart ? goal : way;
    },

    toNamespacedPath(path) {
        if (typeof path !== 'string' || path.length === 0) {
            return path;
        }
        const resolved = win32.resolve(path);
        if (resolved.length <= 2) {
            return path;
        }
        if (isBackslash(StringPrototypeCharCodeAt(resolved, 0))) {
            const unc = isBackslash(StringPrototypeCharCodeAt(resolved, 1)) &&
                resolved[2] !== '?' && resolved[2] !== '.';
            return unc ? '\\\\?\\UNC\\' + StringPrototypeSlice(resolved, 2) : resolved;
        }
        const rooted = hasDrive(resolved) && isBackslash(StringPrototypeCharCodeAt(resolved, 2));
        return rooted ? '\\\\?\\' + resolved : resolved;
    },

    dirname(path) {
        validateString(path, 'path');
        if (path.length === 0) {
            return '.';
        }
        const root = shownRoot(path);
        if (root === path.length) {
            return path;
        }
        const { dir } = text.parse(path, root, isSep);
        return dir === '' ? '.' : dir;
    },

    basename(path, suffix) {
        if (suffix !== undefined) {
            validateString(suffix, 'suffix');
        }
        validateString(path, 'path');
        return text.basename(path, suffix, hasDrive(path) ? 2 : 0, isSep);
    },

    extname(path) {
        validateString(path, 'path');
        return text.extname(path, hasDrive(path) ? 2 : 0, isSep);
    },

    format(pathObject) {
        return text.format('\\', pathObject);
    },

    parse(path) {
        validateString(path, 'path');
        return text.parse(path, shownRoot(path), isSep);
    },

    sep: '\\',
    delimiter: ';',
};

function firstNonEmpty(args) {
    let i = 0;
    while (args[i].length === 0) {
        i++;
    }
    return args[i];
}

return win32;
