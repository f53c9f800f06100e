/* node:util */
const {
    ArrayIsArray,
    ArrayPrototypeIncludes,
    ArrayPrototypePop,
    ArrayPrototypePush,
    ArrayPrototypeToSpliced,
    Error,
    FunctionPrototypeBind,
    FunctionPrototypeSymbolHasInstance,
    ObjectAssign,
    ObjectDefineProperty,
    ObjectGetOwnPropertyDescriptor,
    ObjectGetPrototypeOf,
    ObjectKeys,
    ObjectPrototypeToString,
    ObjectSetPrototypeOf,
    Promise,
    ReflectApply,
    ReflectConstruct,
    ReflectOwnKeys,
    RegExp,
    RegExpPrototypeExec,
    Set,
    SetPrototypeAdd,
    SetPrototypeHas,
    String,
    StringPrototypeSlice,
    StringPrototypeToUpperCase,
    StringPrototypeToWellFormed,
    SymbolFor,
} = primordials;
const { ERR_FALSY_VALUE_REJECTION, ERR_INVALID_ARG_TYPE, define } = require('internal/errors');
const { validateBoolean, validateFunction, validateOneOf, validateString } =
    require('internal/validators');
const { canColor, colors, format, formatWithOptions, inspect } = require('internal/inspection');
const { isDeepStrictEqual } = require('internal/comparisons');
const host = require('internal/host');
const types = require('internal/typetests');
const { TextDecoder, TextEncoder } = binding('webapi');

/* ---- Functions of other kinds from functions --------------------------------------------------*/

const kPromisify = SymbolFor('nodejs.util.promisify.custom');

function copyOwnProperties(target, source) {
    const keys = ReflectOwnKeys(source);
    for (let i = 0; i < keys.length; i++) {
        const descriptor = ObjectGetOwnPropertyDescriptor(source, keys[i]);
        ObjectDefineProperty(target, keys[i], ObjectSetPrototypeOf(descriptor, null));
    }
    return target;
}

/* The function's own promise form, marked as such so that promisify gives it again. */
function markPromisified(fn) {
    return ObjectDefineProperty(fn, kPromisify, {
        __proto__: null, value: fn, writable: false, enumerable: false, configurable: true,
    });
}

function promisify(original) {
    validateFunction(original, 'original');
    const custom = original[kPromisify];
    if (custom) {
        validateFunction(custom, 'util.promisify.custom');
        return markPromisified(custom);
    }
    function fn(...args) {
        return new Promise((resolve, reject) => {
            ArrayPrototypePush(args, (error, value) => {
                if (error) {
                    reject(error);
                } else {
                    resolve(value);
                }
            });
            ReflectApply(original, this, args);
        });
    }
    ObjectSetPrototypeOf(fn, ObjectGetPrototypeOf(original));
    return copyOwnProperties(markPromisified(fn), original);
}
define(promisify, 'custom', kPromisify);

/* A rejection without a true reason would look like success to a callback. */
function tellRejection(reason, callback) {
    let error = reason;
    if (!error) {
        error = new ERR_FALSY_VALUE_REJECTION();
        define(error, 'reason', reason);
    }
    callback(error);
}

function callbackify(original) {
    validateFunction(original, 'original');
    function callbackified(...args) {
        const last = ArrayPrototypePop(args);
        validateFunction(last, 'last argument');
        const callback = FunctionPrototypeBind(last, this);
        const promise = ReflectApply(original, this, args);
        promise.then((value) => host.nextTick(callback, null, value),
            (reason) => host.nextTick(tellRejection, reason, callback));
    }
    copyOwnProperties(callbackified, original);
    const { length, name } = callbackified;
    if (typeof length === 'number') {
        ObjectDefineProperty(callbackified, 'length', { __proto__: null, value: length + 1 });
    }
    if (typeof name === 'string') {
        ObjectDefineProperty(callbackified, 'name', {
            __proto__: null, value: name + 'Callbackified',
        });
    }
    return callbackified;
}

/* ---- Deprecation ------------------------------------------------------------------------------*/

const warnedCodes = new Set();

function warnDeprecated(text, code, above) {
    if (code === undefined) {
        host.emitWarning(text, 'DeprecationWarning', above);
    } else if (!SetPrototypeHas(warnedCodes, code)) {
        SetPrototypeAdd(warnedCodes, code);
        host.emitWarning(text, 'DeprecationWarning', code, above);
    }
}

function deprecate(fn, msg, code) {
    if (code !== undefined) {
        validateString(code, 'code');
    }
    let warned = false;
    function deprecated(...args) {
        if (!warned && !require('process').noDeprecation) {
            warned = true;
            warnDeprecated(msg, code, deprecated);
        }
        return new.target === undefined ? ReflectApply(fn, this, args)
            : ReflectConstruct(fn, args, new.target);
    }
    ObjectSetPrototypeOf(deprecated, fn);
    if (fn.prototype) {
        ObjectDefineProperty(deprecated, 'prototype', { __proto__: null, value: fn.prototype });
    }
    return deprecated;
}

/* ---- Classes ----------------------------------------------------------------------------------*/

function inherits(ctor, superCtor) {
    if (ctor === undefined || ctor === null) {
        throw new ERR_INVALID_ARG_TYPE('ctor', 'Function', ctor);
    }
    if (superCtor === undefined || superCtor === null) {
        throw new ERR_INVALID_ARG_TYPE('superCtor', 'Function', superCtor);
    }
    if (superCtor.prototype === undefined) {
        throw new ERR_INVALID_ARG_TYPE('superCtor.prototype', 'Object', superCtor.prototype);
    }
    define(ctor, 'super_', superCtor, false);
    ObjectSetPrototypeOf(ctor.prototype, superCtor.prototype);
}

/* The old Object.assign, which copies nothing from what is no object. */
function _extend(target, source) {
    return source === null || typeof source !== 'object' ? target : ObjectAssign(target, source);
}

/* ---- debuglog ---------------------------------------------------------------------------------*/

/* Whether a section is named in NODE_DEBUG: a list with commas, in which * stands for anything. */
function isDebugged(section) {
    const list = require('process').env.NODE_DEBUG;
    if (!list) {
        return false;
    }
    let pattern = '';
    for (let i = 0; i < list.length; i++) {
        const char = list[i];
        pattern += char === '*' ? '.*' : char === ',' ? '$|^'
            : ArrayPrototypeIncludes(['|', '\\', '{', '}', '(', ')', '[', ']', '^', '$', '+', '?',
                '.'], char) ? '\\' + char : char;
    }
    return RegExpPrototypeExec(new RegExp('^' + pattern + '$', 'i'), section) !== null;
}

function writeDebug(section, args) {
    const { pid, stderr } = require('process');
    const colored = stderr?.isTTY ? { __proto__: null, colors: true } : { __proto__: null };
    const text = ReflectApply(formatWithOptions, undefined,
        ArrayPrototypeToSpliced(args, 0, 0, colored));
    stderr?.write(section + ' ' + pid + ': ' + text + '\n');
}

function debuglog(section, callback) {
    const name = StringPrototypeToUpperCase(String(section));
    let enabled;
    const test = () => enabled ??= isDebugged(name);
    let told = typeof callback !== 'function';
    const logger = (...args) => {
        if (!told) {
            told = true;
            callback(logger);
        }
        if (test()) {
            writeDebug(name, args);
        }
    };
    ObjectDefineProperty(logger, 'enabled', {
        __proto__: null, get: test, enumerable: true, configurable: true,
    });
    return logger;
}

/* ---- Text -------------------------------------------------------------------------------------*/

/* Control sequences of terminals: ESC or CSI with what introduces it, then either a command with
 * words and parameters up to its terminator (BEL, ESC \ or ST), or numbers and one final character. */
const command = '(?:(?:;[-\\w/#&.:=?%@~]+)*|[a-zA-Z\\d]+(?:;[-\\w/#&.:=?%@~]*)*)?';
const terminator = '(?:\\x07|\\x1b\\\\|\\x9c)';
const numbers = '(?:\\d{1,4}(?:;\\d{0,4})*)?';
const final = '[\\dA-PR-TZcf-nq-uy=><~]';
const controls = new RegExp(
    '[\\x1b\\x9b][[\\]()#;?]*(?:' + command + terminator + '|' + numbers + final + ')', 'g');

function stripVTControlCharacters(str) {
    validateString(str, 'str');
    controls.lastIndex = 0;
    let text = '';
    let end = 0;
    for (let found; (found = RegExpPrototypeExec(controls, str)) !== null;) {
        text += StringPrototypeSlice(str, end, found.index);
        end = controls.lastIndex;
    }
    return text + StringPrototypeSlice(str, end);
}

function toUSVString(input) {
    /* A symbol is refused, as in a template. */
    return StringPrototypeToWellFormed(typeof input === 'symbol' ? '' + input : String(input));
}

function codesOf(name) {
    const codes = colors[name];
    if (codes === undefined || codes === null) {
        validateOneOf(name, 'format', ObjectKeys(colors));
    }
    return codes;
}

function styleText(format, text, options = undefined) {
    const { validateStream = true, stream = require('process').stdout } = options ?? {};
    validateString(text, 'text');
    validateBoolean(validateStream, 'options.validateStream');
    if (validateStream && stream !== undefined && typeof stream?.write !== 'function') {
        throw new ERR_INVALID_ARG_TYPE('stream', ['ReadableStream', 'WritableStream', 'Stream'],
            stream);
    }
    const list = ArrayIsArray(format) ? format : [format];
    let left = '';
    let right = '';
    for (let i = 0; i < list.length; i++) {
        const codes = codesOf(list[i]);
        left += '\x1b[' + codes[0] + 'm';
        right = '\x1b[' + codes[1] + 'm' + right;
    }
    /* Node.js looks at the stream only for a single style. */
    const plain = !ArrayIsArray(format) && validateStream && !canColor(stream);
    return plain ? text : left + text + right;
}

/* ---- Old tests --------------------------------------------------------------------------------*/

function isError(value) {
    return ObjectPrototypeToString(value) === '[object Error]' ||
        FunctionPrototypeSymbolHasInstance(Error, value);
}

const exported = {
    _extend,
    callbackify,
    debug: debuglog,
    debuglog,
    deprecate,
    format,
    styleText,
    formatWithOptions,
    inherits,
    inspect,
    isArray: ArrayIsArray,
    isBuffer: (value) => require('buffer').Buffer.isBuffer(value),
    isBoolean: (value) => typeof value === 'boolean',
    isDeepStrictEqual,
    isNull: (value) => value === null,
    isNullOrUndefined: (value) => value === null || value === undefined,
    isNumber: (value) => typeof value === 'number',
    isString: (value) => typeof value === 'string',
    isSymbol: (value) => typeof value === 'symbol',
    isUndefined: (value) => value === undefined,
    isRegExp: types.isRegExp,
    isObject: (value) => value !== null && typeof value === 'object',
    isDate: types.isDate,
    isError,
    isFunction: (value) => typeof value === 'function',
    isPrimitive: (value) => value === null ||
        (typeof value !== 'object' && typeof value !== 'function'),
    parseArgs: require('internal/parseargs'),
    promisify,
    stripVTControlCharacters,
    toUSVString,
    TextDecoder,
    TextEncoder,
    types,
};
return exported;
