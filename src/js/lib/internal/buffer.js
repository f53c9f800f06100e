/* What is rare of Buffer: instances from objects, the old constructor, inspection. */
const {
    ArrayIsArray,
    ErrorCaptureStackTrace,
    MathMin,
    RegExpPrototypeExec,
    StringPrototypeIncludes,
    StringPrototypeSlice,
    SymbolToPrimitive,
    TypedArrayPrototypeGetByteLength,
    TypedArrayPrototypeGetLength,
} = primordials;
const native = binding('buffer');
const { getOwnNonIndexProperties } = binding('util');
const { ERR_BUFFER_OUT_OF_BOUNDS, ERR_INVALID_ARG_TYPE, define, hideFrames } =
    require('internal/errors');
const { validateInteger, validateNumber } = require('internal/validators');
const { isAnyArrayBuffer, isTypedArray } = require('internal/typetests');
const host = require('internal/host');
const { Buffer, FastBuffer } = native;

/* ---- Buffer.from ------------------------------------------------------------------------------*/

/* A part of an ArrayBuffer, without a copy. */
function onArrayBuffer(memory, byteOffset, length) {
    const offset = +(byteOffset ?? 0) || 0;
    const room = native.byteLength(memory) - offset;
    if (room < 0) {
        throw new ERR_BUFFER_OUT_OF_BOUNDS('offset');
    }
    if (length === undefined) {
        return new FastBuffer(memory, offset, room);
    }
    const wanted = +length;
    if (wanted > room) {
        throw new ERR_BUFFER_OUT_OF_BOUNDS('length');
    }
    return new FastBuffer(memory, offset, wanted > 0 ? wanted : 0);
}

/* Arrays, what looks like one, and what toJSON made; undefined for all else. */
function fromItems(value) {
    if (value.length !== undefined || isAnyArrayBuffer(value.buffer)) {
        const { length } = value;
        return native.fromItems(value, typeof length === 'number' ? length : 0);
    }
    if (value.type === 'Buffer' && ArrayIsArray(value.data)) {
        return native.fromItems(value.data, value.data.length);
    }
    return undefined;
}

function fromObject(value, encodingOrOffset, length) {
    if (isAnyArrayBuffer(value)) {
        return onArrayBuffer(value, encodingOrOffset, length);
    }
    const inner = value.valueOf && value.valueOf();
    if (inner !== null && inner !== undefined && inner !== value &&
        (typeof inner === 'string' || typeof inner === 'object')) {
        return from(inner, encodingOrOffset, length);
    }
    const made = fromItems(value);
    if (made === undefined && typeof value[SymbolToPrimitive] === 'function') {
        const text = value[SymbolToPrimitive]('string');
        return typeof text === 'string' ? native.encode(text, encodingOrOffset) : undefined;
    }
    return made;
}

function from(value, encodingOrOffset, length) {
    if (typeof value === 'string') {
        return native.encode(value, encodingOrOffset);
    }
    const made = typeof value === 'object' && value !== null
        ? fromObject(value, encodingOrOffset, length) : undefined;
    if (made === undefined) {
        throw hideFrames(new ERR_INVALID_ARG_TYPE('first argument',
            ['string', 'Buffer', 'ArrayBuffer', 'Array', 'Array-like Object'], value), from);
    }
    return made;
}

/* The bytes of some elements of a typed array. */
function copyBytesFrom(view, offset, length) {
    if (!isTypedArray(view)) {
        throw hideFrames(new ERR_INVALID_ARG_TYPE('view', ['TypedArray'], view), copyBytesFrom);
    }
    const count = TypedArrayPrototypeGetLength(view);
    if (count === 0) {
        return new FastBuffer();
    }
    if (offset !== undefined) {
        validateInteger(offset, 'offset', 0);
    }
    const start = MathMin(offset ?? 0, count);
    if (length !== undefined && start < count) {
        validateInteger(length, 'length', 0);
    }
    const size = TypedArrayPrototypeGetByteLength(view) / count;
    return native.copyBytes(view, start * size, MathMin(start + (length ?? count), count) * size);
}

/* ---- The old constructor ----------------------------------------------------------------------*/

let warned = false;

/* Whether the first file of a script on the stack is part of a package: those are not warned. */
function isCalledByPackage(above) {
    const holder = { __proto__: null };
    ErrorCaptureStackTrace(holder, above);
    const found = RegExpPrototypeExec(/(?:\(|at )(?:file:\/\/)?(\/[^\n)]*)/, '' + holder.stack);
    return found !== null && StringPrototypeIncludes(found[1], '/node_modules/');
}

function warn() {
    if (!warned && !isCalledByPackage(warn)) {
        warned = true;
        host.emitWarning('Buffer() is deprecated, since what it does hangs on the type of its ' +
            'argument. Use Buffer.alloc(), Buffer.allocUnsafe() or Buffer.from().',
        'DeprecationWarning', 'DEP0005');
    }
}

function construct(arg, encodingOrOffset, length) {
    warn();
    if (typeof arg !== 'number') {
        return from(arg, encodingOrOffset, length);
    }
    if (typeof encodingOrOffset === 'string') {
        throw hideFrames(new ERR_INVALID_ARG_TYPE('string', 'string', arg), construct);
    }
    validateNumber(arg, 'size', 0, native.kMaxLength);
    return new FastBuffer(arg);
}

/* ---- Inspection -------------------------------------------------------------------------------*/

let maxBytes = 50;

/* Properties that are no elements, as they stand between the braces of an object. */
function showExtras(buffer, options) {
    const keys = getOwnNonIndexProperties(buffer, !options.showHidden);
    if (keys.length === 0) {
        return '';
    }
    const extras = { __proto__: null };
    for (let i = 0; i < keys.length; i++) {
        define(extras, keys[i], buffer[keys[i]]);
    }
    const { inspect: inspectValue } = require('internal/inspection');
    const text = inspectValue(extras,
        { __proto__: null, ...options, breakLength: Infinity, compact: true });
    /* Without `[Object: null prototype] { ` and ` }`. */
    return StringPrototypeSlice(text, 27, text.length - 2);
}

function inspect(recurseTimes, options) {
    const length = TypedArrayPrototypeGetLength(this);
    let text = native.spacedHex(this, MathMin(maxBytes, length));
    const hidden = length - maxBytes;
    if (hidden > 0) {
        text += ' ... ' + hidden + ' more byte' + (hidden > 1 ? 's' : '');
    }
    const extras = options ? showExtras(this, options) : '';
    if (extras !== '' && length !== 0) {
        text += ', ';
    }
    return '<' + this.constructor.name + ' ' + text + extras + '>';
}

return {
    __proto__: null,
    Buffer,
    FastBuffer,
    construct,
    copyBytesFrom,
    from,
    inspect,
    getMaxBytes: () => maxBytes,
    setMaxBytes(value) {
        validateNumber(value, 'INSPECT_MAX_BYTES', 0);
        maxBytes = value;
    },
};
