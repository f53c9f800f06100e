/* Errors as Node.js makes them: a built-in class, an own `code`, and a text that names the argument.
 *
 * Each name of the exports (also found under `codes`) is a constructor:
 * `throw new ERR_INVALID_ARG_TYPE('path', 'string', value)`. The stack starts where that stands;
 * hideFrames(error, fn) moves the start above the function fn. */
const {
    ArrayIsArray,
    ArrayPrototypeIndexOf,
    ArrayPrototypeJoin,
    ArrayPrototypePush,
    ArrayPrototypeToSpliced,
    Error,
    ErrorCaptureStackTrace,
    JSONStringify,
    NumberIsInteger,
    ObjectCreate,
    ObjectIs,
    ObjectSetPrototypeOf,
    RangeError,
    ReflectApply,
    RegExpPrototypeExec,
    String,
    StringPrototypeEndsWith,
    StringPrototypeIncludes,
    StringPrototypeSlice,
    StringPrototypeStartsWith,
    StringPrototypeToLowerCase,
    TypeError,
    URIError,
} = primordials;

const exported = { __proto__: null };
const codes = { __proto__: null };
exported.codes = codes;

const { define } = binding('object');

function inspect(value, options) {
    return binding('util').inspect(value, { __proto__: null, ...options });
}

function toString() {
    return this.name + ' [' + this.code + ']: ' + this.message;
}

/* Between our errors and the prototype of their class stands one object that has the toString. */
function prototypeFor(Base) {
    const prototype = ObjectCreate(Base.prototype);
    define(prototype, 'toString', toString, false);
    return prototype;
}

/* Give the error a stack that starts at the caller of the function `above`, with the line in front
 * that shows class, code and message: the engine keeps the frames alone. */
function hideFrames(error, above) {
    return captureStack(error, above, error.name + ' [' + error.code + ']: ' + error.message);
}

function captureStack(error, above, head) {
    ErrorCaptureStackTrace(error, above);
    const { stack } = error;
    const bare = typeof stack === 'string' &&
        (stack === '' || StringPrototypeStartsWith(stack, '    at '));
    if (bare) {
        const end = StringPrototypeEndsWith(stack, '\n') ? stack.length - 1 : stack.length;
        const frames = StringPrototypeSlice(stack, 0, end);
        define(error, 'stack', frames === '' ? head : head + '\n' + frames, false);
    }
    return error;
}

/* Errors of one base class: a function that turns code and message into an error. */
function factory(Base) {
    const prototype = prototypeFor(Base);
    return (code, message, above) => {
        const error = ObjectSetPrototypeOf(new Base(message), prototype);
        define(error, 'code', code);
        return hideFrames(error, above);
    };
}

const plain = factory(Error);
const range = factory(RangeError);
const type = factory(TypeError);
const uri = factory(URIError);

/* Register a code: text(...args) makes its message. */
function register(code, make, text) {
    const maker = function (...args) {
        return make(code, ReflectApply(text, undefined, args), maker);
    };
    codes[code] = maker;
    exported[code] = maker;
}

/* ---- Pieces of text ---------------------------------------------------------------------------*/

/* "a", "a or b", "a, b, or c". */
function enumerate(words, conjunction) {
    const { length } = words;
    if (length < 3) {
        return ArrayPrototypeJoin(words, ' ' + conjunction + ' ');
    }
    const front = ArrayPrototypeJoin(ArrayPrototypeToSpliced(words, length - 1, 1), ', ');
    return front + ', ' + conjunction + ' ' + words[length - 1];
}

const typeNames = [
    'string', 'function', 'number', 'object', 'Function', 'Object', 'boolean', 'bigint', 'symbol',
];
const className = /^(?:[A-Z][a-z0-9]*)+$/;

/* Sort what an argument may be into names of types, names of classes, and free text. */
function sortExpected(expected) {
    const list = ArrayIsArray(expected) ? expected : [expected];
    let types = [];
    const classes = [];
    const others = [];
    for (let i = 0; i < list.length; i++) {
        const word = list[i];
        if (ArrayPrototypeIndexOf(typeNames, word) >= 0) {
            ArrayPrototypePush(types, StringPrototypeToLowerCase(word));
        } else if (RegExpPrototypeExec(className, word) !== null) {
            ArrayPrototypePush(classes, word);
        } else {
            ArrayPrototypePush(others, word);
        }
    }
    const object = ArrayPrototypeIndexOf(types, 'object');
    if (classes.length > 0 && object >= 0) {
        types = ArrayPrototypeToSpliced(types, object, 1);
        ArrayPrototypePush(classes, 'Object');
    }
    return { types, classes, others };
}

function describeExpected(expected) {
    const { types, classes, others } = sortExpected(expected);
    const parts = [];
    if (types.length > 0) {
        const many = types.length > 1 ? 'one of type' : 'of type';
        ArrayPrototypePush(parts, many + ' ' + enumerate(types, 'or'));
    }
    if (classes.length > 0) {
        ArrayPrototypePush(parts, 'an instance of ' + enumerate(classes, 'or'));
    }
    if (others.length > 1) {
        ArrayPrototypePush(parts, 'one of ' + enumerate(others, 'or'));
    } else if (others.length === 1) {
        const bare = StringPrototypeToLowerCase(others[0]) === others[0];
        ArrayPrototypePush(parts, bare ? others[0] : 'an ' + others[0]);
    }
    return ArrayPrototypeJoin(parts, ' or ');
}

/* Strings are shortened, quoted, and not escaped unless a quote is in them. */
function describeString(text) {
    const short = text.length > 28 ? StringPrototypeSlice(text, 0, 25) + '...' : text;
    return StringPrototypeIncludes(short, "'") ? JSONStringify(short) : "'" + short + "'";
}

function describePrimitive(value) {
    switch (typeof value) {
    case 'string':
        return describeString(value);
    case 'bigint':
        return value + 'n';
    default:
        return ObjectIs(value, -0) ? '-0' : String(value);
    }
}

/* What was given, for the end of a message: "an instance of Foo", "type number (1)". */
function describeReceived(value) {
    if (value === null || value === undefined) {
        return String(value);
    }
    if (typeof value === 'function') {
        return 'function ' + value.name;
    }
    if (typeof value !== 'object') {
        return 'type ' + typeof value + ' (' + describePrimitive(value) + ')';
    }
    const maker = value.constructor;
    const named = (typeof maker === 'function' || typeof maker === 'object') && maker !== null &&
        'name' in maker;
    return named ? 'an instance of ' + maker.name : inspect(value, { depth: -1 });
}

function kindOfName(name) {
    return StringPrototypeIncludes(name, '.') ? 'property' : 'argument';
}

function withUnderscores(digits) {
    const first = digits[0] === '-' ? 1 : 0;
    let text = '';
    let end = digits.length;
    for (; end - first > 3; end -= 3) {
        text = '_' + StringPrototypeSlice(digits, end - 3, end) + text;
    }
    return StringPrototypeSlice(digits, 0, end) + text;
}

function describeOutOfRange(value) {
    const limit = 2 ** 32;
    if (NumberIsInteger(value) && (value > limit || value < -limit)) {
        return withUnderscores(String(value));
    }
    if (typeof value === 'bigint') {
        const wide = value > 2n ** 32n || value < -(2n ** 32n);
        return (wide ? withUnderscores(String(value)) : String(value)) + 'n';
    }
    return inspect(value);
}

/* ---- The codes --------------------------------------------------------------------------------*/

register('ERR_AMBIGUOUS_ARGUMENT', type, (name, reason) =>
    'The "' + name + '" argument is ambiguous. ' + reason);
register('ERR_BUFFER_OUT_OF_BOUNDS', range, (name) =>
    name === undefined ? 'Attempt to access memory outside buffer bounds'
        : '"' + name + '" is outside of buffer bounds');
register('ERR_FALSY_VALUE_REJECTION', plain, () => 'Promise was rejected with falsy value');
register('ERR_FEATURE_UNAVAILABLE_ON_PLATFORM', type, (name) =>
    'The feature ' + name + ' is unavailable on the current platform, ' +
    'which is being used to run Millrace');
register('ERR_FS_EISDIR', plain, (path) =>
    'Path is a directory: rm returned EISDIR (is a directory) ' + path);
register('ERR_FS_INVALID_SYMLINK_TYPE', plain, (type) =>
    'Symlink type must be one of "dir", "file", or "junction". Received "' + type + '"');
register('ERR_ILLEGAL_CONSTRUCTOR', type, () => 'Illegal constructor');
register('ERR_INVALID_ARG_TYPE', type, (name, expected, actual) => {
    const subject = StringPrototypeEndsWith(name, ' argument') ? name
        : '"' + name + '" ' + kindOfName(name);
    return 'The ' + subject + ' must be ' + describeExpected(expected) + '. ' +
        'Received ' + describeReceived(actual);
});
register('ERR_INVALID_ARG_VALUE', type, (name, value, reason = 'is invalid') => {
    let text = inspect(value);
    if (text.length > 128) {
        text = StringPrototypeSlice(text, 0, 128) + '...';
    }
    return 'The ' + kindOfName(name) + " '" + name + "' " + reason + '. Received ' + text;
});
register('ERR_INVALID_BUFFER_SIZE', range, (size) => 'Buffer size must be a multiple of ' + size);
register('ERR_INVALID_FILE_URL_HOST', type, (platform) =>
    'File URL host must be "localhost" or empty on ' + platform);
register('ERR_INVALID_FILE_URL_PATH', type, (reason) => 'File URL path ' + reason);
register('ERR_INVALID_RETURN_VALUE', type, (expected, name, value) =>
    'Expected ' + expected + ' to be returned from the "' + name + '" function but got ' +
    describeReceived(value) + '.');
register('ERR_INVALID_STATE', plain, (reason) => 'Invalid state: ' + reason);
register('ERR_INVALID_THIS', type, (name) => 'Value of "this" must be of type ' + name);
register('ERR_INVALID_URL', type, () => 'Invalid URL');
register('ERR_INVALID_URL_SCHEME', type, (expected) => 'The URL must be of scheme ' + expected);
register('ERR_MISSING_ARGS', type, (...names) => {
    const words = [];
    for (let i = 0; i < names.length; i++) {
        ArrayPrototypePush(words, ArrayIsArray(names[i])
            ? '"' + ArrayPrototypeJoin(names[i], '" or "') + '"' : '"' + names[i] + '"');
    }
    const plural = words.length > 1 ? 'arguments' : 'argument';
    return 'The ' + enumerate(words, 'and') + ' ' + plural + ' must be specified';
});
register('ERR_OUT_OF_RANGE', range, (name, expected, value) =>
    'The value of "' + name + '" is out of range. It must be ' + expected + '. ' +
    'Received ' + describeOutOfRange(value));
register('ERR_PARSE_ARGS_INVALID_OPTION_VALUE', type, (reason) => reason);
register('ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL', type, (text) =>
    "Unexpected argument '" + text + "'. This command does not take positional arguments");
register('ERR_PARSE_ARGS_UNKNOWN_OPTION', type, (option, allowPositionals) => {
    const hint = allowPositionals
        ? ". To specify a positional argument starting with a '-', place it at the end of the " +
            'command after \'--\', as in \'-- "' + option + '"'
        : '';
    return "Unknown option '" + option + "'" + hint;
});
register('ERR_STREAM_WRITE_AFTER_END', plain, () => 'write after end');
register('ERR_UNHANDLED_ERROR', plain, (text) =>
    text === undefined ? 'Unhandled error.' : 'Unhandled error. (' + text + ')');
register('ERR_UNKNOWN_ENCODING', type, (name) => 'Unknown encoding: ' + name);
register('ERR_UNKNOWN_SIGNAL', type, (name) => 'Unknown signal: ' + name);
register('ERR_URI_MALFORMED', uri, () => 'URI malformed');

/* ---- AbortError -------------------------------------------------------------------------------*/

class AbortError extends Error {
    constructor(message = 'The operation was aborted', options = undefined) {
        if (options !== undefined && (options === null || typeof options !== 'object')) {
            throw new codes.ERR_INVALID_ARG_TYPE('options', 'Object', options);
        }
        super(message, options);
        define(this, 'code', 'ABORT_ERR');
        define(this, 'name', 'AbortError');
        captureStack(this, AbortError, 'AbortError: ' + message);
    }
}

exported.AbortError = AbortError;
exported.captureStack = captureStack;
exported.define = define;
exported.describeReceived = describeReceived;
exported.hideFrames = hideFrames;
return exported;
