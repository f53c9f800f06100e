// A picture of all that a script can reach: objects by name, and of each its properties with their
// attributes. Everything that this file uses of the built-ins is taken when it is loaded, so that a
// picture can be taken after a program that changed them.

const { apply, construct, getOwnPropertyDescriptor, getPrototypeOf, ownKeys, isExtensible } = Reflect;
const { hasOwn, is } = Object;
const { isArray } = Array;
const uncurry = (method) => (self, ...args) => apply(method, self, args);
const mapGet = uncurry(Map.prototype.get);
const mapHas = uncurry(Map.prototype.has);
const mapSet = uncurry(Map.prototype.set);
const sort = uncurry(Array.prototype.sort);
const symbolText = uncurry(Symbol.prototype.toString);
const startsWith = uncurry(String.prototype.startsWith);
const slice = uncurry(String.prototype.slice);
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

function lengthOf(fn) {
    const length = getOwnPropertyDescriptor(fn, 'length');
    const name = getOwnPropertyDescriptor(fn, 'name');
    const value = (d) => (d !== undefined && hasOwn(d, 'value') ? d.value : '?');
    return `${String(value(name))}/${String(value(length))}`;
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
    const writable = hasOwn(d, 'writable') && d.writable;
    return (writable ? 'W' : '-') + (d.enumerable ? 'E' : '-') + (d.configurable ? 'C' : '-');
}

function primitiveText(key, value, d) {
    if (typeof value === 'symbol') return symbolText(value);
    if (value === null) return 'null';
    // What can change, or tells of this machine, is recorded by its type only.
    if (d.writable || (d.configurable && key !== '@@toStringTag')) return typeof value;
    return `${typeof value} ${is(value, -0) ? '-0' : String(value)}`;
}

// Standard objects that any script reaches by syntax or from the globals of ECMAScript. They belong
// to the engine: of these the table has the names of their properties only, and those of one release.
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
const opaque = { __proto__: null, 'process.env': true, 'require.cache': true };

class Walk {
    names = new NewMap();
    queue = [];
    next = 0;
    table = { __proto__: null };

    name(name, value) {
        if (!mapHas(this.names, value)) {
            mapSet(this.names, value, name);
            push(this.queue, { name, value });
        }
        return mapGet(this.names, value);
    }

    // The text of what stands at a path: its name where it was met before; a plain function is told
    // in a few words, anything else has an entry.
    at(path, value) {
        if (mapHas(this.names, value)) return mapGet(this.names, value);
        if (isPlainFunction(value)) {
            mapSet(this.names, value, path);
            return `function ${lengthOf(value)}`;
        }
        this.name(path, value);
        return 'here';
    }

    property(path, key, d) {
        if (hasOwn(d, 'value')) {
            const text = isObject(d.value) ? this.at(path, d.value) : primitiveText(key, d.value, d);
            return `${attributes(d)} ${text}`;
        }
        const half = (kind, fn) => (fn === undefined ? '' : `, ${kind} ${this.at(`${kind} ${path}`, fn)}`);
        return `${attributes(d)} accessor${half('get', d.get)}${half('set', d.set)}`;
    }

    visit({ name, value }) {
        const entry = { __proto__: null };
        const isFunction = typeof value === 'function';
        entry.kind = !isFunction ? (isArray(value) ? 'array' : 'object')
            : `${isConstructor(value) ? 'constructor' : 'function'} ${lengthOf(value)}`;
        const prototype = getPrototypeOf(value);
        entry.prototype = prototype === null ? 'null' : this.name(`prototype of ${name}`, prototype);
        if (!isExtensible(value)) entry.extensible = 'no';
        if (!opaque[name] && !isArray(value)) this.properties(entry, name, value, isFunction);
        setOwn(this.table, name, entry);
    }

    properties(entry, name, value, isFunction) {
        const keys = ownKeys(value);
        sort(keys, (a, b) => { const x = keyText(a), y = keyText(b); return x < y ? -1 : x > y ? 1 : 0; });
        for (let i = 0; i < keys.length; i++) {
            const d = getOwnPropertyDescriptor(value, keys[i]);
            const key = keyText(keys[i]);
            const text = this.property(name === 'globalThis' ? key : `${name}.${key}`, key, d);
            if (isFunction && (key === 'length' || key === 'name') && standardWord(d)) continue;
            if (name === 'globalThis' && isEcmascript[key] && (text === `W-C %${key}%` || !isObject(d.value))) continue;
            setOwn(entry, `.${key}`, text);
        }
    }

    // Go through all that has been named, and what it leads to.
    drain() {
        while (this.next < this.queue.length) this.visit(this.queue[this.next++]);
    }
}

// Methods of the engine have names too, so that one that is ours is told from one that is not.
function nameEngineMethods(names) {
    const note = (value, name) => {
        if (isObject(value) && value !== globalThis && !mapHas(names, value)) mapSet(names, value, name);
    };
    for (let i = 0; i < engine.length; i++) {
        const { name, value } = engine[i];
        const keys = ownKeys(value);
        for (let j = 0; j < keys.length; j++) {
            const d = getOwnPropertyDescriptor(value, keys[j]);
            const path = `%${name}.${keyText(keys[j])}%`;
            if (hasOwn(d, 'value')) {
                note(d.value, path);
            } else {
                note(d.get, `get ${path}`);
                note(d.set, `set ${path}`);
            }
        }
    }
}

// The picture of everything but the engine's own objects: object -> { kind, prototype, '.key': text }
export function surface(modules) {
    const walk = new Walk();
    for (let i = 0; i < engine.length; i++) mapSet(walk.names, engine[i].value, `%${engine[i].name}%`);
    nameEngineMethods(walk.names);
    walk.name('globalThis', globalThis);
    walk.drain(); // what the globals lead to is named after them
    for (let i = 0; i < roots.length; i++) {
        let value;
        try {
            value = roots[i][1]();
        } catch {
            continue; // absent as yet, or taken away
        }
        if (isObject(value)) walk.name(roots[i][0], value);
    }
    for (let i = 0; i < modules.length; i++) walk.name(modules[i].name, modules[i].namespace);
    walk.drain();
    return walk.table;
}

// The names of the properties of the engine's own objects.
export function engineSurface() {
    const table = { __proto__: null };
    const globals = [];
    for (let i = 0; i < ecmascript.length; i++) {
        if (hasOwn(globalThis, ecmascript[i])) push(globals, ecmascript[i]);
    }
    setOwn(table, 'globalThis', globals);
    for (let i = 0; i < engine.length; i++) {
        const keys = ownKeys(engine[i].value);
        const texts = [];
        for (let j = 0; j < keys.length; j++) push(texts, keyText(keys[j]));
        sort(texts);
        setOwn(table, engine[i].name, texts);
    }
    return table;
}

// Where two pictures differ, as lines.
export function differences(want, have) {
    const lines = [];
    const compare = (path, one, other) => {
        const seen = ownKeys(one);
        for (let i = 0; i < seen.length; i++) {
            const key = seen[i];
            const where = path === '' ? key : `${path}: ${key}`;
            if (!hasOwn(other, key)) push(lines, `missing     ${where}`);
            else if (typeof one[key] === 'object') compare(where, one[key], other[key]);
            else if (one[key] !== other[key]) push(lines, `different   ${where}: ${other[key]}, declared ${one[key]}`);
        }
        const there = ownKeys(other);
        for (let i = 0; i < there.length; i++) {
            if (!hasOwn(one, there[i])) push(lines, `undeclared  ${path === '' ? there[i] : `${path}: ${there[i]}`}`);
        }
    };
    compare('', want, have);
    return lines;
}
