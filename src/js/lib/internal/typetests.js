/* Type tests by internal slots, for node:util/types and our own files. */
const { ArrayBufferIsView, TypedArrayPrototypeGetTag } = primordials;
const { define } = require('internal/errors');
const native = binding('util');

/* The native ones, in the order in which Node.js lists them. */
const nativeNames = [
    'isExternal', 'isDate', 'isArgumentsObject', 'isBigIntObject', 'isBooleanObject',
    'isNumberObject', 'isStringObject', 'isSymbolObject', 'isNativeError', 'isRegExp',
    'isAsyncFunction', 'isGeneratorFunction', 'isGeneratorObject', 'isPromise', 'isMap', 'isSet',
    'isMapIterator', 'isSetIterator', 'isWeakMap', 'isWeakSet', 'isArrayBuffer', 'isDataView',
    'isSharedArrayBuffer', 'isProxy', 'isModuleNamespaceObject', 'isAnyArrayBuffer',
    'isBoxedPrimitive',
];
const arrayNames = [
    'Uint8Array', 'Uint8ClampedArray', 'Uint16Array', 'Uint32Array', 'Int8Array', 'Int16Array',
    'Int32Array', 'Float32Array', 'Float64Array', 'BigInt64Array', 'BigUint64Array',
];

const types = {};
for (let i = 0; i < nativeNames.length; i++) {
    define(types, nativeNames[i], native[nativeNames[i]]);
}
define(types, 'isArrayBufferView', ArrayBufferIsView);
define(types, 'isTypedArray', function isTypedArray(value) {
    return TypedArrayPrototypeGetTag(value) !== undefined;
});
for (let i = 0; i < arrayNames.length; i++) {
    const tag = arrayNames[i];
    const test = (value) => TypedArrayPrototypeGetTag(value) === tag;
    define(test, 'name', 'is' + tag, false);
    define(types, 'is' + tag, test);
}

return types;
