/* node:string_decoder: bytes that come in pieces as text, no character torn apart. */
const {
    ArrayBufferIsView,
    DataViewPrototypeGetBuffer,
    DataViewPrototypeGetByteLength,
    DataViewPrototypeGetByteOffset,
    ObjectDefineProperty,
    TypedArrayPrototypeGetTag,
    Uint8Array,
    WeakMap,
    WeakMapPrototypeGet,
    WeakMapPrototypeSet,
} = primordials;
const { encodingName, newDecoder } = binding('process');
const { ERR_INVALID_ARG_TYPE, ERR_INVALID_THIS, ERR_UNKNOWN_ENCODING } =
    require('internal/errors');

/* What the native function tells when it is called with a number. */
const NEED = 0;
const TOTAL = 1;
const CHARACTER = 2;
const RESET = 3;

const decoders = new WeakMap();

function decoderOf(object) {
    const decoder = WeakMapPrototypeGet(decoders, object);
    if (decoder === undefined) {
        throw new ERR_INVALID_THIS('StringDecoder');
    }
    return decoder;
}

function StringDecoder(encoding) {
    const given = encoding === undefined || encoding === null || encoding === '' ? 'utf8'
        : encoding;
    const name = typeof given === 'string' ? encodingName(given) : undefined;
    if (name === undefined) {
        throw new ERR_UNKNOWN_ENCODING(encoding);
    }
    this.encoding = name;
    WeakMapPrototypeSet(decoders, this, newDecoder(name));
}

function bytesOf(buf) {
    if (!ArrayBufferIsView(buf)) {
        throw new ERR_INVALID_ARG_TYPE('buf', ['Buffer', 'TypedArray', 'DataView'], buf);
    }
    return TypedArrayPrototypeGetTag(buf) !== undefined ? buf
        : new Uint8Array(DataViewPrototypeGetBuffer(buf), DataViewPrototypeGetByteOffset(buf),
            DataViewPrototypeGetByteLength(buf));
}

const { prototype } = StringDecoder;

prototype.write = function write(buf) {
    if (typeof buf === 'string') {
        return buf;
    }
    const bytes = bytesOf(buf);
    return decoderOf(this)(bytes, false);
};

prototype.end = function end(buf) {
    const text = buf === undefined ? '' : this.write(buf);
    return text + decoderOf(this)(undefined, true);
};

/* Of old streams: starts anew at the offset. */
prototype.text = function text(buf, offset) {
    decoderOf(this)(RESET);
    return this.write(buf.slice(offset));
};

function defineState(name, what) {
    ObjectDefineProperty(prototype, name, {
        __proto__: null,
        get() {
            return decoderOf(this)(what);
        },
        enumerable: true,
        configurable: true,
    });
}

defineState('lastChar', CHARACTER);
defineState('lastNeed', NEED);
defineState('lastTotal', TOTAL);

return { StringDecoder };
