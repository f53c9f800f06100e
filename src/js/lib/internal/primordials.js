/* The engine's functions as they were before any script ran.
 *
 * Every built-in file works through these names only, so that a script which changes a prototype or a
 * global changes nothing of ours. Methods take their receiver as first argument:
 * ArrayPrototypePush(list, x) is list.push(x). Absent on purpose: splice, map and the others that
 * make their result through the `constructor` of the array, which a script can change; and in our
 * files no spread over arrays, no array destructuring, no for-of: they go through the iterator; no
 * template with values in it either: the engine joins it with the method concat of strings.
 * This file is evaluated at start: capture what a built-in file uses, nothing else. */
const { bind, call } = Function.prototype;
const uncurryThis = bind.bind(call);
const { defineProperty, freeze, getOwnPropertyDescriptor, getPrototypeOf } = Object;
const getterOf = (prototype, name) =>
    uncurryThis(getOwnPropertyDescriptor(prototype, name).get);

const names = { __proto__: null };

/* Methods of prototypes: NAME becomes ClassPrototypeName. */
const methods = {
    __proto__: null,
    Array: [
        Array.prototype, 'includes', 'indexOf', 'join', 'pop', 'push', 'shift', 'toSpliced',
        'unshift',
    ],
    BigInt: [BigInt.prototype, 'valueOf'],
    Boolean: [Boolean.prototype, 'valueOf'],
    Date: [Date.prototype, 'getTime'],
    Error: [Error.prototype, 'toString'],
    Function: [Function.prototype, 'bind'],
    Map: [Map.prototype, 'delete', 'entries', 'get', 'has', 'set'],
    Number: [Number.prototype, 'valueOf'],
    Object: [Object.prototype, 'isPrototypeOf', 'propertyIsEnumerable', 'toString'],
    Promise: [Promise.prototype, 'then'],
    RegExp: [RegExp.prototype, 'exec'],
    Set: [Set.prototype, 'add', 'delete', 'has', 'values'],
    String: [
        String.prototype, 'charCodeAt', 'codePointAt', 'endsWith', 'includes', 'indexOf',
        'lastIndexOf', 'repeat', 'slice', 'startsWith', 'toLowerCase', 'toUpperCase',
        'toWellFormed', 'valueOf',
    ],
    Symbol: [Symbol.prototype, 'valueOf'],
    WeakMap: [WeakMap.prototype, 'get', 'set'],
};
for (const name in methods) {
    const list = methods[name];
    for (let i = 1; i < list.length; i++) {
        const method = list[i];
        names[`${name}Prototype${method[0].toUpperCase()}${method.slice(1)}`] =
            uncurryThis(list[0][method]);
    }
}

names.MapIteratorPrototypeNext = uncurryThis(getPrototypeOf(new Map().entries()).next);
names.MapPrototypeGetSize = getterOf(Map.prototype, 'size');
names.RegExpPrototypeGetFlags = getterOf(RegExp.prototype, 'flags');
names.RegExpPrototypeGetSource = getterOf(RegExp.prototype, 'source');
names.SetIteratorPrototypeNext = uncurryThis(getPrototypeOf(new Set().values()).next);
names.SetPrototypeGetSize = getterOf(Set.prototype, 'size');
const TypedArrayPrototype = getPrototypeOf(Uint8Array.prototype);
names.TypedArrayPrototypeGetBuffer = getterOf(TypedArrayPrototype, 'buffer');
names.TypedArrayPrototypeGetByteLength = getterOf(TypedArrayPrototype, 'byteLength');
names.TypedArrayPrototypeGetByteOffset = getterOf(TypedArrayPrototype, 'byteOffset');
names.TypedArrayPrototypeGetLength = getterOf(TypedArrayPrototype, 'length');
names.TypedArrayPrototypeGetTag = getterOf(TypedArrayPrototype, Symbol.toStringTag);
names.DataViewPrototypeGetBuffer = getterOf(DataView.prototype, 'buffer');
names.DataViewPrototypeGetByteLength = getterOf(DataView.prototype, 'byteLength');
names.DataViewPrototypeGetByteOffset = getterOf(DataView.prototype, 'byteOffset');

/* slice as it is for arrays whose constructor nobody changed; positions count from the front. */
names.ArrayPrototypeSlice = (list, start = 0, end = list.length) => {
    const part = [];
    for (let i = start; i < end && i < list.length; i++) {
        defineProperty(part, i - start, {
            __proto__: null, value: list[i], writable: true, enumerable: true, configurable: true,
        });
    }
    return part;
};

/* Functions that hang on a constructor: captured as they are, Promise ones with their receiver. */
names.ArrayIsArray = Array.isArray;
names.ArrayBufferIsView = ArrayBuffer.isView;
names.ErrorCaptureStackTrace = Error.captureStackTrace;
names.JSONStringify = JSON.stringify;
names.NumberIsFinite = Number.isFinite;
names.NumberIsInteger = Number.isInteger;
names.NumberIsNaN = Number.isNaN;
names.NumberIsSafeInteger = Number.isSafeInteger;
names.NumberParseInt = Number.parseInt;
names.ObjectAssign = Object.assign;
names.ObjectCreate = Object.create;
names.ObjectDefineProperties = Object.defineProperties;
names.ObjectDefineProperty = defineProperty;
names.ObjectFreeze = freeze;
names.ObjectGetOwnPropertyDescriptor = getOwnPropertyDescriptor;
names.ObjectGetOwnPropertySymbols = Object.getOwnPropertySymbols;
names.ObjectGetPrototypeOf = getPrototypeOf;
names.ObjectHasOwn = Object.hasOwn;
names.ObjectIs = Object.is;
names.ObjectKeys = Object.keys;
names.ObjectPreventExtensions = Object.preventExtensions;
names.ObjectSetPrototypeOf = Object.setPrototypeOf;
names.PromiseReject = Promise.reject.bind(Promise);
names.PromiseResolve = Promise.resolve.bind(Promise);
names.ReflectApply = Reflect.apply;
names.ReflectConstruct = Reflect.construct;
names.ReflectOwnKeys = Reflect.ownKeys;
names.SymbolFor = Symbol.for;
names.FunctionPrototypeSymbolHasInstance = uncurryThis(Function.prototype[Symbol.hasInstance]);

for (const name of ['max', 'min', 'round', 'trunc']) {
    names[`Math${name[0].toUpperCase()}${name.slice(1)}`] = Math[name];
}
for (const name of ['asyncIterator', 'iterator', 'toPrimitive', 'toStringTag']) {
    names[`Symbol${name[0].toUpperCase()}${name.slice(1)}`] = Symbol[name];
}
/* The engine may be without it; undefined is then the answer. */
names.SymbolDispose = Symbol.dispose;
names.SymbolAsyncDispose = Symbol.asyncDispose;

/* Constructors and functions of the global object. */
names.Array = Array;
names.ArrayBuffer = ArrayBuffer;
names.BigInt = BigInt;
names.Boolean = Boolean;
names.DataView = DataView;
names.Date = Date;
names.Error = Error;
names.Map = Map;
names.Number = Number;
names.Object = Object;
names.Promise = Promise;
names.RangeError = RangeError;
names.ReferenceError = ReferenceError;
names.RegExp = RegExp;
names.Set = Set;
names.String = String;
names.Symbol = Symbol;
names.SyntaxError = SyntaxError;
names.TypeError = TypeError;
names.URIError = URIError;
names.Uint8Array = Uint8Array;
names.WeakMap = WeakMap;
names.decodeURIComponent = decodeURIComponent;
names.encodeURIComponent = encodeURIComponent;

names.uncurryThis = uncurryThis;
names.AsyncIteratorPrototype = getPrototypeOf(getPrototypeOf(async function* () {}).prototype);

return freeze(names);
