/* node:url: the two functions between paths and file: URLs, and the URL classes if there are any.
 *
 * Without a class URL, pathToFileURL gives a frozen object that holds what a URL object of the same
 * file would show, all but searchParams; it has no setters. */
const {
    ArrayPrototypeJoin,
    ArrayPrototypePop,
    ArrayPrototypePush,
    Boolean,
    ObjectFreeze,
    RegExpPrototypeExec,
    StringPrototypeCharCodeAt,
    StringPrototypeCodePointAt,
    StringPrototypeEndsWith,
    StringPrototypeIncludes,
    StringPrototypeSlice,
    StringPrototypeToLowerCase,
    StringPrototypeToWellFormed,
    URIError,
    decodeURIComponent,
    encodeURIComponent,
} = primordials;
const {
    ERR_FEATURE_UNAVAILABLE_ON_PLATFORM,
    ERR_INVALID_ARG_TYPE,
    ERR_INVALID_FILE_URL_HOST,
    ERR_INVALID_FILE_URL_PATH,
    ERR_INVALID_URL,
    ERR_INVALID_URL_SCHEME,
    define,
} = require('internal/errors');
const { validateString } = require('internal/validators');
const { URL, URLSearchParams } = globalThis;

/* ---- Reading ----------------------------------------------------------------------------------*/

function invalidUrl(input) {
    const error = new ERR_INVALID_URL();
    define(error, 'input', input);
    return error;
}

/* The text without what the URL standard drops: controls and spaces at the ends, tabs and newlines
 * everywhere. */
function cleanInput(text) {
    let start = 0;
    let end = text.length;
    while (start < end && StringPrototypeCharCodeAt(text, start) <= 32) {
        start++;
    }
    while (end > start && StringPrototypeCharCodeAt(text, end - 1) <= 32) {
        end--;
    }
    let clean = '';
    for (let i = start; i < end; i++) {
        if (text[i] !== '\t' && text[i] !== '\n' && text[i] !== '\r') {
            clean += text[i];
        }
    }
    return clean;
}

/* The index of the first character at or behind `start` that is one of `stops`, or the end. */
function find(text, start, stops) {
    let i = start;
    while (i < text.length && !StringPrototypeIncludes(stops, text[i])) {
        i++;
    }
    return i;
}

const isSlash = (char) => char === '/' || char === '\\';
const drive = /^[A-Za-z][:|]$/;
const oneDot = /^(?:\.|%2e)$/i;
const twoDots = /^(?:\.|%2e)(?:\.|%2e)$/i;

/* The path of a file: URL as the URL standard writes it, but not percent-encoded. */
function resolvePath(text) {
    const kept = [];
    let start = text.length > 0 && isSlash(text[0]) ? 1 : 0;
    for (let end; start <= text.length; start = end + 1) {
        end = find(text, start, '/\\');
        const part = StringPrototypeSlice(text, start, end);
        const last = end === text.length;
        if (RegExpPrototypeExec(twoDots, part) !== null) {
            const keep = kept.length === 1 && RegExpPrototypeExec(drive, kept[0]) !== null;
            if (!keep) {
                ArrayPrototypePop(kept);
            }
        } else if (RegExpPrototypeExec(oneDot, part) === null) {
            const isDrive = kept.length === 0 && RegExpPrototypeExec(drive, part) !== null;
            ArrayPrototypePush(kept, isDrive ? part[0] + ':' : part);
            continue;
        }
        if (last) {
            ArrayPrototypePush(kept, '');
        }
    }
    return '/' + ArrayPrototypeJoin(kept, '/');
}

/* protocol, hostname and pathname of a URL in text. */
function parseText(input) {
    const text = cleanInput(input);
    const scheme = RegExpPrototypeExec(/^[A-Za-z][A-Za-z0-9+.-]*:/, text);
    if (scheme === null) {
        throw invalidUrl(input);
    }
    const protocol = StringPrototypeToLowerCase(scheme[0]);
    let start = scheme[0].length;
    const pathEnd = find(text, start, '?#');
    let hostname = '';
    if (start + 1 < pathEnd && isSlash(text[start]) && isSlash(text[start + 1])) {
        const hostEnd = find(StringPrototypeSlice(text, 0, pathEnd), start + 2, '/\\');
        const host = StringPrototypeSlice(text, start + 2, hostEnd);
        if (RegExpPrototypeExec(drive, host) === null) {
            hostname = StringPrototypeToLowerCase(host);
            start = hostEnd;
        } else {
            start += 2;
        }
    }
    const pathname = resolvePath(StringPrototypeSlice(text, start, pathEnd));
    return {
        __proto__: null, protocol, hostname: hostname === 'localhost' ? '' : hostname, pathname,
    };
}

/* As Node.js tells a URL object from the objects of its old parser. */
function isURL(value) {
    return Boolean(value?.href && value.protocol && value.auth === undefined &&
        value.path === undefined);
}

function decodePath(pathname) {
    if (RegExpPrototypeExec(/%2f/i, pathname) !== null) {
        throw new ERR_INVALID_FILE_URL_PATH('must not include encoded / characters');
    }
    try {
        return decodeURIComponent(pathname);
    } catch {
        throw new URIError('URI malformed');
    }
}

function refuseWindows(options) {
    if (options?.windows) {
        throw new ERR_FEATURE_UNAVAILABLE_ON_PLATFORM('windows');
    }
}

function fileURLToPath(path, options = undefined) {
    refuseWindows(options);
    let url = path;
    if (typeof path === 'string') {
        url = parseText(StringPrototypeToWellFormed(path));
    } else if (!isURL(path)) {
        throw new ERR_INVALID_ARG_TYPE('path', ['string', 'URL'], path);
    }
    if (url.protocol !== 'file:') {
        throw new ERR_INVALID_URL_SCHEME('file');
    }
    if (url.hostname !== '') {
        throw new ERR_INVALID_FILE_URL_HOST(binding('process').platform);
    }
    return decodePath(url.pathname);
}
define(fileURLToPath, 'length', 1, false);

/* ---- Writing ----------------------------------------------------------------------------------*/

/* Every character that means something in a URL, or may in an old one, is percent-encoded. */
function encodePath(path) {
    const text = StringPrototypeToWellFormed(path);
    let encoded = '';
    for (let i = 0; i < text.length; i++) {
        let char = text[i];
        if (RegExpPrototypeExec(/[A-Za-z0-9!$&'()*+,\-./:;=@_]/, char) === null) {
            const code = StringPrototypeCodePointAt(text, i);
            char = code > 0xffff ? StringPrototypeSlice(text, i, i + 2) : char;
            i += char.length - 1;
            char = char === '~' ? '%7E' : encodeURIComponent(char);
        }
        encoded += char;
    }
    return encoded;
}

class FileURL {
    href;
    origin = 'null';
    protocol = 'file:';
    username = '';
    password = '';
    host = '';
    hostname = '';
    port = '';
    pathname;
    search = '';
    hash = '';
    constructor(pathname) {
        this.href = 'file://' + pathname;
        this.pathname = pathname;
        ObjectFreeze(this);
    }
    toString() {
        return this.href;
    }
    toJSON() {
        return this.href;
    }
}

function pathToFileURL(path, options = undefined) {
    refuseWindows(options);
    validateString(path, 'path');
    let resolved = require('path').resolve(path);
    if (StringPrototypeEndsWith(path, '/') && !StringPrototypeEndsWith(resolved, '/')) {
        resolved += '/';
    }
    const pathname = encodePath(resolved);
    return URL === undefined ? new FileURL(pathname) : new URL('file://' + pathname);
}
define(pathToFileURL, 'length', 2, false);

const exported = { fileURLToPath, pathToFileURL };
if (URL !== undefined) {
    define(exported, 'URL', URL);
    define(exported, 'URLSearchParams', URLSearchParams);
}
return exported;
