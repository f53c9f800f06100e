/* node:buffer */
const {
    Error,
    ObjectDefineProperty,
    ObjectSetPrototypeOf,
    StringPrototypeCharCodeAt,
    StringPrototypeCodePointAt,
    StringPrototypeToWellFormed,
    Uint8Array,
} = primordials;
const native = binding('buffer');
const { ERR_INVALID_ARG_TYPE, define } = require('internal/errors');
const { validateNumber } = require('internal/validators');
const { isUint8Array } = require('internal/typetests');
const { Buffer, FastBuffer, getMaxBytes, setMaxBytes } = require('internal/buffer');
const { atob, btoa, isAscii, isUtf8, kMaxLength, kStringMaxLength } = native;

/* ---- transcode --------------------------------------------------------------------------------*/

function transcodeError(code, errno) {
    const error = new Error('Unable to transcode Buffer [' + code + ']');
    define(error, 'code', code);
    define(error, 'errno', errno);
    return error;
}

/* Each character above the limit as one with that code; a pair of surrogates is one character. */
function limitTo(text, limit, code) {
    const bytes = new Uint8Array(text.length);
    let length = 0;
    for (let i = 0; i < text.length; i++) {
        const point = StringPrototypeCodePointAt(text, i);
        if (point > 0xFFFF) {
            i++;
        }
        bytes[length++] = point > limit ? code : point;
    }
    return native.copyBytes(bytes, 0, length);
}

/* ASCII knows nothing above 0x7F: one unknown character for each such byte. */
function asciiText(source) {
    const text = native.decode(source, 'latin1');
    let known = '';
    for (let i = 0; i < text.length; i++) {
        known += StringPrototypeCharCodeAt(text, i) > 0x7F ? '\uFFFD' : text[i];
    }
    return known;
}

const isWellFormed = (text) => StringPrototypeToWellFormed(text) === text;

function toUtf16(source, from) {
    if (from === 'utf8' && !isUtf8(source)) {
        throw transcodeError('U_INVALID_CHAR_FOUND', 10);
    }
    if (from !== 'utf16le') {
        return native.encode(native.decode(source, from === 'utf8' ? 'utf8' : 'latin1'), 'utf16le');
    }
    const odd = source.length % 2 === 1 ? '\uFFFD' : '';
    const text = StringPrototypeToWellFormed(native.decode(source, from)) + odd;
    return native.encode(text, 'utf16le');
}

function toUtf8(source, from) {
    const text = from === 'ascii' ? asciiText(source) : native.decode(source, from);
    if (from === 'utf16le' && !isWellFormed(text)) {
        throw transcodeError('U_INVALID_CHAR_FOUND', 10);
    }
    return native.encode(text, 'utf8');
}

const targets = {
    __proto__: null,
    utf8: toUtf8,
    utf16le: toUtf16,
    latin1: (source, from) =>
        limitTo(from === 'ascii' ? asciiText(source) : native.decode(source, from), 0xFF, 0x3F),
    ascii: (source, from) => limitTo(native.decode(source, from === 'ascii' ? 'latin1' : from),
        0x7F, 0x3F),
};

function transcode(source, fromEnc, toEnc) {
    if (!isUint8Array(source)) {
        throw new ERR_INVALID_ARG_TYPE('source', ['Buffer', 'Uint8Array'], source);
    }
    if (source.length === 0) {
        return new FastBuffer();
    }
    const from = native.encodingName(fromEnc);
    const to = native.encodingName(toEnc);
    if (targets[from] === undefined || targets[to] === undefined) {
        throw transcodeError('U_ILLEGAL_ARGUMENT_ERROR', 1);
    }
    return targets[to](source, from);
}

/* ---- SlowBuffer -------------------------------------------------------------------------------*/

/* The old name of Buffer.allocUnsafeSlow. */
function SlowBuffer(length) {
    validateNumber(length, 'size', 0, kMaxLength);
    return new FastBuffer(length);
}

ObjectSetPrototypeOf(SlowBuffer.prototype, Uint8Array.prototype);
ObjectSetPrototypeOf(SlowBuffer, Uint8Array);

const constants = {};
ObjectDefineProperty(constants, 'MAX_LENGTH', {
    __proto__: null, value: kMaxLength, enumerable: true,
});
ObjectDefineProperty(constants, 'MAX_STRING_LENGTH', {
    __proto__: null, value: kStringMaxLength, enumerable: true,
});

const exported = {
    Buffer,
    SlowBuffer,
    atob,
    btoa,
    transcode,
    isUtf8,
    isAscii,
    kMaxLength,
    kStringMaxLength,
};
ObjectDefineProperty(exported, 'constants', {
    __proto__: null, value: constants, enumerable: true,
});
ObjectDefineProperty(exported, 'INSPECT_MAX_BYTES', {
    __proto__: null, get: getMaxBytes, set: setMaxBytes, enumerable: true, configurable: true,
});
return exported;
