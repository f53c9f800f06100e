// A picture of all that a script can reach: PATH -> the JSON text of what stands there.
//
//   writable enumerable configurable   of the property that the path ends with; an object that no
//                                      property leads to has none ("a Timeout", "prototype of …")
//   type        of the value; a function that takes new is a "constructor"
//   value       of a primitive that cannot change
//   name length of a function, where they have the attributes that all have; else they are entries
//   prototype   where it points, by path; a function without one has Function.prototype
//   extensible  only where it is false
//   get set     of an accessor: { name, length }, or a path; then type and prototype, where they stand,
//               are those of the object that it gives
//   same        the path where this object is described
//
// Everything that this file uses of the built-ins is taken when it is loaded, so that a picture can
// be taken after a program that changed them.

const { apply, construct, getOwnPropertyDescriptor, getPrototypeOf, ownKeys, isExtensible } = Reflect;
const { hasOwn, is } = Object;
const { isArray } = Array;
const { isFinite } = Number;
const uncurry = (method) => (self, ...args) => apply(method, self, args);
const mapGet = uncurry(Map.prototype.get);
const mapHas = uncurry(Map.prototype.has);
const mapSet = uncurry(Map.prototype.set);
const sort = uncurry(Array.prototype.sort);
const symbolText = uncurry(Symbol.prototype.toString);
const startsWith = uncurry(String.prototype.startsWith);
const slice = uncurry(String.prototype.slice);
const join = uncurry(Array.prototype.join);
const quote = JSON.stringify; // of primitives only: nothing of a program runs
const NewMap = Map;
const NativeObject = Object;
const functionPrototype = Function.prototype;

const setOwn = (object, key, value) => {
    NativeObject.defineProperty(object, key, { __proto__: null, value, writable: true, enumerable: true, configurable: true });
};
const push = (array, value) => setOwn(array, array.length, value);

function keyText(key) {
    if (typeof key === 'string') return key;
    const text = symbolText(key); // Symbol(Symbol.iterator)
    return startsWith(text, 'Symbol(Symbol.') ? '@@' + slice(text, 14, -1) : text;
}

function isObject(value) {
    return typeof value === 'function' || (typeof value === 'object' && value !== null);
}

// Whether new can be applied; nothing of the function runs.
function isConstructor(value) {
    try {
        construct(NativeObject, [], value);
        return true;
    } catch {
        return false;
    }
}

// name and length as in JSON; those with other attributes than all have stand as entries.
function signature(fn) {
    const parts = [];
    for (let i = 0; i < 2; i++) {
        const key = i === 0 ? 'name' : 'length';
        const d = getOwnPropertyDescriptor(fn, key);
        if (d !== undefined && hasOwn(d, 'value') && standardWord(d)) push(parts, `"${key}":${quote(d.value)}`);
    }
    return parts;
}

// Whether a function's length or name has the attributes that all have.
function standardWord(d) {
    return !d.writable && !d.enumerable && d.configurable;
}

function isPlainFunction(value) {
    return typeof value === 'function' && !isConstructor(value) && ownKeys(value).length === 2 &&
        getPrototypeOf(value) === functionPrototype && isExtensible(value) &&
        standardWord(getOwnPropertyDescriptor(value, 'length') ?? {}) &&
        standardWord(getOwnPropertyDescriptor(value, 'name') ?? {});
}

function attributes(d) {
    const parts = hasOwn(d, 'writable') ? [`"writable":${d.writable}`] : [];
    push(parts, `"enumerable":${d.enumerable}`);
    push(parts, `"configurable":${d.configurable}`);
    return parts;
}

function primitive(key, value, d) {
    const type = `"type":"${value === null ? 'null' : typeof value}"`;
    const constant = !d.writable && (!d.configurable || key === '@@toStringTag');
    // What can change, or tells of this machine, is recorded by its type only.
    if (value === null || value === undefined || !constant) return [type];
    if (typeof value === 'symbol') return [type, `"value":${quote(symbolText(value))}`];
    const exact = typeof value === 'string' || typeof value === 'boolean' || (typeof value === 'number' && isFinite(value) && !is(value, -0));
    return [type, `"value":${quote(exact ? value : is(value, -0) ? '-0' : String(value))}`];
}

// Standard objects that any script reaches by syntax or from the globals of ECMAScript. They belong
// to the engine: their part of the table is that of one release.
const ecmascript = [
    'AggregateError', 'Array', 'ArrayBuffer', 'AsyncDisposableStack', 'Atomics', 'BigInt',
    'BigInt64Array', 'BigUint64Array', 'Boolean', 'DataView', 'Date', 'DisposableStack', 'Error',
    'EvalError', 'FinalizationRegistry', 'Float16Array', 'Float32Array', 'Float64Array', 'Function',
    'Infinity', 'Int16Array', 'Int32Array', 'Int8Array', 'InternalError', 'Iterator', 'JSON', 'Map',
    'Math', 'NaN', 'Number', 'Object', 'Promise', 'Proxy', 'RangeError', 'ReferenceError', 'Reflect',
    'RegExp', 'Set', 'SharedArrayBuffer', 'String', 'SuppressedError', 'Symbol', 'SyntaxError',
    'TypeError', 'URIError', 'Uint16Array', 'Uint32Array', 'Uint8Array', 'Uint8ClampedArray',
    'WeakMap', 'WeakRef', 'WeakSet', 'decodeURI', 'decodeURIComponent', 'encodeURI',
    'encodeURIComponent', 'escape', 'eval', 'globalThis', 'isFinite', 'isNaN', 'parseFloat',
    'parseInt', 'undefined', 'unescape',
];

const isEcmascript = { __proto__: null };
for (const name of ecmascript) isEcmascript[name] = true;

const iterator = (of) => getPrototypeOf(of[Symbol.iterator]());
const hidden = [
    ['%TypedArray%', () => getPrototypeOf(Uint8Array)],
    ['%ArrayIteratorPrototype%', () => iterator([])],
    ['%MapIteratorPrototype%', () => iterator(new Map())],
    ['%SetIteratorPrototype%', () => iterator(new Set())],
    ['%StringIteratorPrototype%', () => iterator('')],
    ['%RegExpStringIteratorPrototype%', () => getPrototypeOf(''.matchAll(/x/g))],
    ['%IteratorHelperPrototype%', () => getPrototypeOf([].values().map(() => 0))],
    ['%WrapForValidIteratorPrototype%', () => getPrototypeOf(Iterator.from({ next() {} }))],
    ['%GeneratorFunction%', () => function* () {}.constructor],
    ['%AsyncFunction%', () => async function () {}.constructor],
    ['%AsyncGeneratorFunction%', () => async function* () {}.constructor],
    ['%AsyncIteratorPrototype%', () => getPrototypeOf(getPrototypeOf(async function* () {}.prototype))],
    ['%AsyncGeneratorPrototype%', () => getPrototypeOf(async function* () {}.prototype)],
    ['%GeneratorPrototype%', () => getPrototypeOf(function* () {}.prototype)],
];

function engineObjects() {
    const found = [];
    const add = (name, value) => {
        if (!isObject(value) || value === globalThis) return;
        push(found, { name, value });
        const prototype = typeof value === 'function' ? getOwnPropertyDescriptor(value, 'prototype') : undefined;
        if (prototype !== undefined && isObject(prototype.value)) {
            push(found, { name: `${name}.prototype`, value: prototype.value });
        }
    };
    for (let i = 0; i < ecmascript.length; i++) {
        const name = ecmascript[i];
        const d = getOwnPropertyDescriptor(globalThis, name);
        if (d !== undefined) add(name, d.value);
    }
    for (let i = 0; i < hidden.length; i++) {
        try {
            add(hidden[i][0], hidden[i][1]());
        } catch {} // an older engine
    }
    return found;
}

// The engine's objects as they are before anything runs: their names stay, whatever a program does.
const engine = engineObjects();

// What a script reaches other than through a property of the global object that holds it: objects
// behind getters, made by calls, and modules. A name that is not there has none.
const make = (name, ...args) => () => construct(globalThis[name], args);
const roots = [
    ['a Timeout', () => { const t = setTimeout(() => {}, 1); clearTimeout(t); return t; }],
    ['a Immediate', () => { const t = setImmediate(() => {}); clearImmediate(t); return t; }],
    ['performance', () => performance],
    ['crypto', () => crypto],
    ['process.stdin', () => process.stdin],
    ['process.stdout', () => process.stdout],
    ['process.stderr', () => process.stderr],
    ['an Event', make('Event', 'x')],
    ['a CustomEvent', make('CustomEvent', 'x')],
    ['an EventTarget', make('EventTarget')],
    ['an AbortController', make('AbortController')],
    ['an AbortSignal', () => new AbortController().signal],
    ['a DOMException', make('DOMException')],
    ['a TextEncoder', make('TextEncoder')],
    ['a TextDecoder', make('TextDecoder')],
    ['a PerformanceMark', () => new PerformanceMark('x')],
    ['a URL', make('URL', 'x:y')],
    ['a URLSearchParams', make('URLSearchParams')],
    ['a URLSearchParams iterator', () => new URLSearchParams().keys()],
    ['import.meta', () => import.meta],
];

// Objects whose properties differ from run to run: their own are not looked at.
const opaque = { __proto__: null, 'process.env': true, 'node:process.env': true, 'require.cache': true };

class Walk {
    names = new NewMap();
    reached = new NewMap();
    queue = [];
    next = 0;
    table = { __proto__: null };

    // The path of an object, this one if it had none yet.
    name(path, value) {
        if (!mapHas(this.names, value)) mapSet(this.names, value, path);
        return mapGet(this.names, value);
    }

    // The same; if it is this one, the object will be described there.
    reach(path, value) {
        const name = this.name(path, value);
        if (name === path && !mapHas(this.reached, value)) {
            mapSet(this.reached, value, true);
            push(this.queue, { path, value });
        }
        return name;
    }

    add(path, parts) {
        if (!hasOwn(this.table, path)) setOwn(this.table, path, []);
        for (let i = 0; i < parts.length; i++) push(this.table[path], parts[i]);
    }

    accessor(kind, path, fn) {
        if (fn === undefined) return [];
        const own = `${kind} ${path}`;
        const name = this.name(own, fn);
        if (name !== own) return [`"${kind}":${quote(name)}`];
        if (!isPlainFunction(fn)) this.reach(own, fn);
        return [`"${kind}":{${join(signature(fn), ',')}}`];
    }

    property(path, key, d) {
        this.add(path, attributes(d));
        if (!hasOwn(d, 'value')) {
            this.add(path, this.accessor('get', path, d.get));
            this.add(path, this.accessor('set', path, d.set));
        } else if (!isObject(d.value)) {
            this.add(path, primitive(key, d.value, d));
        } else {
            const name = this.reach(path, d.value);
            if (name !== path) this.add(path, [`"same":${quote(name)}`]);
        }
    }

    visit({ path, value }) {
        const isFunction = typeof value === 'function';
        const type = isFunction ? (isConstructor(value) ? 'constructor' : 'function') : isArray(value) ? 'array' : 'object';
        this.add(path, [`"type":"${type}"`]);
        if (isFunction) this.add(path, signature(value));
        const prototype = getPrototypeOf(value);
        if (prototype === null) this.add(path, ['"prototype":null']);
        else if (!isFunction || prototype !== functionPrototype) {
            this.add(path, [`"prototype":${quote(this.reach(`prototype of ${path}`, prototype))}`]);
        }
        if (!isExtensible(value)) this.add(path, ['"extensible":false']);
        if (!opaque[path] && !isArray(value)) this.properties(path, value, isFunction);
    }

    properties(path, value, isFunction) {
        const keys = ownKeys(value);
        sort(keys, (a, b) => { const x = keyText(a), y = keyText(b); return x < y ? -1 : x > y ? 1 : 0; });
        for (let i = 0; i < keys.length; i++) {
            const d = getOwnPropertyDescriptor(value, keys[i]);
            const key = keyText(keys[i]);
            if (isFunction && (key === 'length' || key === 'name') && standardWord(d)) continue;
            if (value === globalThis && this.isStandardGlobal(key, d)) continue;
            this.property(value === globalThis && typeof keys[i] === 'string' ? key : `${path}.${key}`, key, d);
        }
    }

    // Whether a global of ECMAScript is as the engine made it: then it stands in the engine's part.
    isStandardGlobal(key, d) {
        if (!isEcmascript[key] || !hasOwn(d, 'value')) return false;
        return !isObject(d.value) || (d.writable && !d.enumerable && d.configurable && mapGet(this.names, d.value) === key);
    }

    // Go through all that has been named, and what it leads to.
    drain() {
        while (this.next < this.queue.length) this.visit(this.queue[this.next++]);
    }

    finish() {
        const paths = ownKeys(this.table);
        sort(paths);
        const sorted = { __proto__: null };
        for (let i = 0; i < paths.length; i++) setOwn(sorted, paths[i], `{${join(this.table[paths[i]], ',')}}`);
        return sorted;
    }
}

// The engine's objects and their methods have names from the start, so that one that is ours is told
// from one that is not.
function nameEngine(names) {
    const note = (value, name) => {
        if (isObject(value) && value !== globalThis && !mapHas(names, value)) mapSet(names, value, name);
    };
    for (let i = 0; i < engine.length; i++) mapSet(names, engine[i].value, engine[i].name);
    for (let i = 0; i < engine.length; i++) {
        const { name, value } = engine[i];
        const keys = ownKeys(value);
        for (let j = 0; j < keys.length; j++) {
            const d = getOwnPropertyDescriptor(value, keys[j]);
            const path = `${name}.${keyText(keys[j])}`;
            if (hasOwn(d, 'value')) {
                note(d.value, path);
            } else {
                note(d.get, `get ${path}`);
                note(d.set, `set ${path}`);
            }
        }
    }
}

// The picture of everything but the engine's own objects.
export function surface(modules) {
    const walk = new Walk();
    nameEngine(walk.names);
    walk.reach('globalThis', globalThis);
    walk.drain(); // what the globals lead to is named after them
    for (let i = 0; i < roots.length; i++) {
        let value;
        try {
            value = roots[i][1]();
        } catch {
            continue; // absent as yet, or taken away
        }
        if (isObject(value)) walk.reach(roots[i][0], value);
    }
    for (let i = 0; i < modules.length; i++) walk.reach(modules[i].name, modules[i].namespace);
    walk.drain();
    return walk.finish();
}

// The picture of the engine's own objects, and of the globals that lead to them.
export function engineSurface() {
    const walk = new Walk();
    nameEngine(walk.names);
    mapSet(walk.names, globalThis, 'globalThis');
    mapSet(walk.reached, globalThis, true);
    for (let i = 0; i < ecmascript.length; i++) {
        const d = getOwnPropertyDescriptor(globalThis, ecmascript[i]);
        if (d !== undefined) walk.property(ecmascript[i], ecmascript[i], d);
    }
    for (let i = 0; i < engine.length; i++) walk.reach(engine[i].name, engine[i].value);
    walk.drain();
    return walk.finish();
}

// Where two pictures differ, as lines.
export function differences(want, have) {
    const lines = [];
    const paths = ownKeys(want);
    for (let i = 0; i < paths.length; i++) {
        const path = paths[i];
        if (!hasOwn(have, path)) push(lines, `missing     ${path}`);
        else if (want[path] !== have[path]) push(lines, `different   ${path}: ${have[path]}, declared ${want[path]}`);
    }
    const there = ownKeys(have);
    for (let i = 0; i < there.length; i++) {
        if (!hasOwn(want, there[i])) push(lines, `undeclared  ${there[i]}`);
    }
    return lines;
}
