/* What paths of both kinds have in common. A kind is told by its separator `sep` and by isSep(code),
 * which says what counts as one; positions are indexes into the path. */
const {
    ArrayPrototypeJoin,
    ArrayPrototypePop,
    ArrayPrototypePush,
    StringPrototypeCharCodeAt,
    StringPrototypeEndsWith,
    StringPrototypeLastIndexOf,
    StringPrototypeSlice,
} = primordials;
const { validateObject, validateString } = require('internal/validators');

/* Resolve `.` and `..` and repeated separators. `..` above the start is kept if allowed. */
function resolveDots(path, allowAbove, sep, isSep) {
    const { length } = path;
    const kept = [];
    let start = 0;
    for (let i = 0; i <= length; i++) {
        if (i < length && !isSep(StringPrototypeCharCodeAt(path, i))) {
            continue;
        }
        const part = StringPrototypeSlice(path, start, i);
        start = i + 1;
        if (part === '' || part === '.') {
            continue;
        }
        if (part !== '..') {
            ArrayPrototypePush(kept, part);
        } else if (kept.length > 0 && kept[kept.length - 1] !== '..') {
            ArrayPrototypePop(kept);
        } else if (allowAbove) {
            ArrayPrototypePush(kept, part);
        }
    }
    return ArrayPrototypeJoin(kept, sep);
}

/* Where the last part of a path stands, trailing separators left out: start, and end or -1 if there
 * is none at or behind `from`. */
function lastPart(path, from, isSep) {
    let end = path.length;
    while (end > from && isSep(StringPrototypeCharCodeAt(path, end - 1))) {
        end--;
    }
    if (end === from) {
        return { start: from, end: -1 };
    }
    let start = end - 1;
    while (start > from && !isSep(StringPrototypeCharCodeAt(path, start - 1))) {
        start--;
    }
    return { start, end };
}

/* The place of the dot that begins the ending of a part, -1 if the part has none. */
function endingDot(part) {
    const dot = StringPrototypeLastIndexOf(part, '.');
    return dot === 0 || part === '..' ? -1 : dot;
}

/* basename of a path whose parts begin at `from`. */
function basename(path, suffix, from, isSep) {
    const { start, end } = lastPart(path, from, isSep);
    const wanted = suffix !== undefined && suffix.length > 0 && suffix.length <= path.length;
    if (!wanted) {
        return end < 0 ? '' : StringPrototypeSlice(path, start, end);
    }
    if (suffix === path) {
        return '';
    }
    if (end < 0) {
        return StringPrototypeSlice(path, from);
    }
    const part = StringPrototypeSlice(path, start, end);
    if (part !== suffix && StringPrototypeEndsWith(part, suffix)) {
        return StringPrototypeSlice(part, 0, part.length - suffix.length);
    }
    /* Node.js stops comparing where the part begins and then takes the whole rest. */
    const partial = part.length < suffix.length && StringPrototypeEndsWith(suffix, part);
    return partial ? StringPrototypeSlice(path, start) : part;
}

function extname(path, from, isSep) {
    const { start, end } = lastPart(path, from, isSep);
    if (end < 0) {
        return '';
    }
    const part = StringPrototypeSlice(path, start, end);
    const dot = endingDot(part);
    return dot < 0 ? '' : StringPrototypeSlice(part, dot);
}

/* The five pieces of a path whose root ends at rootEnd. */
function parse(path, rootEnd, isSep) {
    const root = StringPrototypeSlice(path, 0, rootEnd);
    const { start, end } = lastPart(path, rootEnd, isSep);
    const dir = start > rootEnd ? StringPrototypeSlice(path, 0, start - 1) : root;
    const base = end < 0 ? '' : StringPrototypeSlice(path, start, end);
    const dot = endingDot(base);
    const ext = dot < 0 ? '' : StringPrototypeSlice(base, dot);
    const name = dot < 0 ? base : StringPrototypeSlice(base, 0, dot);
    return { root, dir, base, ext, name };
}

function withDot(ext) {
    return ext && ext[0] !== '.' ? '.' + ext : ext || '';
}

function format(sep, pieces) {
    validateObject(pieces, 'pathObject');
    const dir = pieces.dir || pieces.root;
    const base = pieces.base || (pieces.name || '') + withDot(pieces.ext);
    if (!dir) {
        return base;
    }
    return dir === pieces.root ? '' + dir + base : '' + dir + sep + base;
}

/* The arguments of join, put together: undefined if nothing is in them. */
function joinArguments(args, sep) {
    let joined;
    for (let i = 0; i < args.length; i++) {
        validateString(args[i], 'path');
        if (args[i].length > 0) {
            joined = joined === undefined ? args[i] : joined + sep + args[i];
        }
    }
    return joined;
}

/* The way from one list of parts to another, and how many they have in common at the front. */
function wayBetween(from, to, sep, equal) {
    let common = 0;
    while (common < from.length && common < to.length && equal(from[common], to[common])) {
        common++;
    }
    const way = [];
    for (let i = common; i < from.length; i++) {
        ArrayPrototypePush(way, '..');
    }
    for (let i = common; i < to.length; i++) {
        ArrayPrototypePush(way, to[i]);
    }
    return { common, text: ArrayPrototypeJoin(way, sep) };
}

/* What stands between the separators of a path, empty parts included. */
function partsOf(path, isSep) {
    const parts = [];
    let start = 0;
    for (let i = 0; i <= path.length; i++) {
        if (i === path.length || isSep(StringPrototypeCharCodeAt(path, i))) {
            ArrayPrototypePush(parts, StringPrototypeSlice(path, start, i));
            start = i + 1;
        }
    }
    return parts;
}

return {
    __proto__: null,
    basename,
    extname,
    format,
    joinArguments,
    parse,
    partsOf,
    resolveDots,
    wayBetween,
};
