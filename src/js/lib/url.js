/* node:url: the URL classes, and the functions between paths and file: URLs. The old parser of
 * Node.js (parse, format, resolve) is absent. */
const {
    Boolean,
    Number,
    RegExpPrototypeExec,
    StringPrototypeCodePointAt,
    StringPrototypeEndsWith,
    StringPrototypeSlice,
    StringPrototypeStartsWith,
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
    ERR_INVALID_URL_SCHEME,
    ERR_MISSING_ARGS,
    define,
} = require('internal/errors');
const { validateString } = require('internal/validators');
const native = binding('url');
const { URL, URLSearchParams } = native;

/* ---- Files ------------------------------------------------------------------------------------*/

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
        url = native.parse(path);
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

function pathToFileURL(path, options = undefined) {
    refuseWindows(options);
    validateString(path, 'path');
    let resolved = require('path').resolve(path);
    if (StringPrototypeEndsWith(path, '/') && !StringPrototypeEndsWith(resolved, '/')) {
        resolved += '/';
    }
    return new URL('file://' + encodePath(resolved));
}
define(pathToFileURL, 'length', 2, false);

/* ---- The rest ---------------------------------------------------------------------------------*/

function domainToASCII(domain) {
    if (arguments.length < 1) {
        throw new ERR_MISSING_ARGS('domain');
    }
    return native.domain(domain, false);
}

function domainToUnicode(domain) {
    if (arguments.length < 1) {
        throw new ERR_MISSING_ARGS('domain');
    }
    return native.domain(domain, true);
}

/* What http.request of Node.js takes in place of a URL. */
function urlToHttpOptions(url) {
    const { hostname, pathname, port, username, password, search } = url;
    const bracketed = hostname && StringPrototypeStartsWith(hostname, '[');
    const options = {
        __proto__: null,
        ...url,
        protocol: url.protocol,
        hostname: bracketed ? StringPrototypeSlice(hostname, 1, -1) : hostname,
        hash: url.hash,
        search,
        pathname,
        path: (pathname || '') + (search || ''),
        href: url.href,
    };
    if (port !== '') {
        options.port = Number(port);
    }
    if (username || password) {
        options.auth = decodeURIComponent(username) + ':' + decodeURIComponent(password);
    }
    return options;
}

return {
    URL, URLSearchParams, domainToASCII, domainToUnicode, fileURLToPath, pathToFileURL,
    urlToHttpOptions,
};
