/* Type tests by internal slots, for node:util/types and our own files. */
const {
    ArrayBufferIsView,
    ObjectDefineProperty,
    TypedArrayPrototypeGetTag,
} = primordials;
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
function add(name, test) {
    ObjectDefineProperty(test, 'name', { __proto__: null, value: name });
    ObjectDefineProperty(types, name, {
        __proto__: null, value: test, writable: true, enumerable: true, configurable: true,
    });
}

for (let i = 0; i < nativeNames.length; i++) {
    const name = nativeNames[i];
    const test = native[name];
    add(name, test);
}
add('isArrayBufferView', (value) => ArrayBufferIsView(value));
add('isTypedArray', (value) => TypedArrayPrototypeGetTag(value) !== undefined);
for (let i = 0; i < arrayNames.length; i++) {
    const tag = arrayNames[i];
    add(`is${tag}`, (value) => TypedArrayPrototypeGetTag(value) === tag);
}

return types;
