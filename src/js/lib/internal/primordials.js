/* The engine's functions as they were before any script ran.
 *
 * Every built-in file works through these names only, so that a script which changes a prototype or a
 * global changes nothing of ours. Methods take their receiver as first argument:
 * ArrayPrototypePush(list, x) is list.push(x). Absent on purpose: slice, splice, map and the others
 * that make their result through the `constructor` of the array, which a script can change; and in
 * our files no spread over arrays, no array destructuring, no for-of: they go through the iterator.
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
        Array.prototype, 'includes', 'indexOf', 'join', 'pop', 'push', 'shift', 'sort',
        'toSpliced', 'unshift',
    ],
    BigInt: [BigInt.prototype, 'valueOf'],
    Boolean: [Boolean.prototype, 'valueOf'],
    Date: [Date.prototype, 'getTime', 'toISOString'],
    Error: [Error.prototype, 'toString'],
    Function: [Function.prototype, 'bind', 'call', 'toString'],
    Map: [Map.prototype, 'delete', 'entries', 'forEach', 'get', 'has', 'set'],
    Number: [Number.prototype, 'toFixed', 'toString', 'valueOf'],
    Object: [Object.prototype, 'hasOwnProperty', 'propertyIsEnumerable', 'toString'],
    Promise: [Promise.prototype, 'then'],
    RegExp: [RegExp.prototype, 'exec', 'toString'],
    Set: [Set.prototype, 'add', 'delete', 'forEach', 'has', 'values'],
    String: [
        String.prototype, 'charCodeAt', 'codePointAt', 'endsWith', 'includes', 'indexOf',
        'lastIndexOf', 'padEnd', 'padStart', 'repeat', 'slice', 'split', 'startsWith',
        'toLowerCase', 'toUpperCase', 'toWellFormed', 'trim', 'valueOf',
    ],
    Symbol: [Symbol.prototype, 'toString', 'valueOf'],
    WeakMap: [WeakMap.prototype, 'delete', 'get', 'has', 'set'],
    WeakSet: [WeakSet.prototype, 'add', 'has'],
};
for (const name in methods) {
    const list = methods[name];
    for (let i = 1; i < list.length; i++) {
        const method = list[i];
        names[`${name}Prototype${method[0].toUpperCase()}${method.slice(1)}`] =
            uncurryThis(list[0][method]);
    }
}

names.ArrayPrototypeSymbolIterator = uncurryThis(Array.prototype[Symbol.iterator]);
names.ArrayBufferPrototypeGetByteLength = getterOf(ArrayBuffer.prototype, 'byteLength');
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

/* Functions that hang on a constructor: captured as they are, Promise ones with their receiver. */
names.ArrayFrom = Array.from;
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
names.ObjectGetOwnPropertyDescriptors = Object.getOwnPropertyDescriptors;
names.ObjectGetOwnPropertyNames = Object.getOwnPropertyNames;
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
names.StringFromCharCode = String.fromCharCode;
names.SymbolFor = Symbol.for;
names.FunctionPrototypeSymbolHasInstance = uncurryThis(Function.prototype[Symbol.hasInstance]);

for (const name of ['abs', 'floor', 'max', 'min', 'round', 'trunc']) {
    names[`Math${name[0].toUpperCase()}${name.slice(1)}`] = Math[name];
}
for (const name of ['asyncIterator', 'hasInstance', 'iterator', 'toPrimitive', 'toStringTag']) {
    names[`Symbol${name[0].toUpperCase()}${name.slice(1)}`] = Symbol[name];
}
/* The engine may be without it; undefined is then the answer. */
names.SymbolDispose = Symbol.dispose;
names.SymbolAsyncDispose = Symbol.asyncDispose;

/* Constructors and functions of the global object. */
names.AggregateError = AggregateError;
names.Array = Array;
names.ArrayBuffer = ArrayBuffer;
names.BigInt = BigInt;
names.Boolean = Boolean;
names.DataView = DataView;
names.Date = Date;
names.Error = Error;
names.Function = Function;
names.Map = Map;
names.Number = Number;
names.Object = Object;
names.Promise = Promise;
names.Proxy = Proxy;
names.RangeError = RangeError;
names.RegExp = RegExp;
names.Set = Set;
names.String = String;
names.Symbol = Symbol;
names.SyntaxError = SyntaxError;
names.TypeError = TypeError;
names.URIError = URIError;
names.Uint8Array = Uint8Array;
names.WeakMap = WeakMap;
names.WeakSet = WeakSet;
names.decodeURIComponent = decodeURIComponent;
names.encodeURIComponent = encodeURIComponent;

names.uncurryThis = uncurryThis;
names.ArrayPrototype = Array.prototype;
names.ErrorPrototype = Error.prototype;
names.FunctionPrototype = Function.prototype;
names.ObjectPrototype = Object.prototype;
names.PromisePrototype = Promise.prototype;
names.AsyncIteratorPrototype = getPrototypeOf(getPrototypeOf(async function* () {}).prototype);

return freeze(names);
