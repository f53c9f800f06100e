/* The names of a REPL: what its inputs declared, `_` and its kin, and what completes a text.
 *
 * A name that an input declares with let, const or class is a property of the global object: until it
 * is initialised an accessor that throws, then a plain value, or for a constant an accessor that
 * refuses to change. */
const {
    ArrayPrototypePush,
    ErrorCaptureStackTrace,
    Object,
    ObjectDefineProperty,
    ObjectGetOwnPropertyDescriptor,
    ObjectGetPrototypeOf,
    ObjectHasOwn,
    ReferenceError,
    ReflectApply,
    ReflectOwnKeys,
    RegExpPrototypeExec,
    StringPrototypeIndexOf,
    StringPrototypeSlice,
    StringPrototypeStartsWith,
    SyntaxError,
    TypeError,
} = primordials;
const { isProxy } = binding('util');
const { builtinModules, createRequire } = require('module');
const host = require('internal/host');

const scope = globalThis;

function define(name, value, enumerable = false) {
    ObjectDefineProperty(scope, name, {
        __proto__: null, value, writable: true, enumerable, configurable: true,
    });
}

function defineAccessor(name, get, set) {
    ObjectDefineProperty(scope, name, {
        __proto__: null, get, set, enumerable: false, configurable: true,
    });
}

/* Values behind accessors of ours, by name: completion may look at them. */
const known = { __proto__: null };

function ownAccessor(name, get, set) {
    defineAccessor(name, get, set);
    known[name] = { __proto__: null, getter: get };
}

/* The value of a property without running code of the script; `missing` if it has none. */
const missing = { __proto__: null };

function valueOf(holder, descriptor, name) {
    if (ObjectHasOwn(descriptor, 'value')) {
        return descriptor.value;
    }
    const entry = holder === scope ? known[name] : undefined;
    return entry !== undefined && entry.getter === descriptor.get && descriptor.get !== undefined
        ? ReflectApply(entry.getter, scope, [])
        : missing;
}

/* ---- Declarations -----------------------------------------------------------------------------*/

/* Names declared by the input that runs and not initialised yet. */
let dead = { __proto__: null };

function throwBare(error, above) {
    ErrorCaptureStackTrace(error, above);
    throw error;
}

function initialise(name, constant, value) {
    delete dead[name];
    if (!constant) {
        define(name, value);
        return;
    }
    ownAccessor(name, () => value, function set() {
        throwBare(new TypeError('Assignment to constant variable.'), set);
    });
}

function declare(name, constant) {
    dead[name] = true;
    defineAccessor(name, function get() {
        throwBare(new ReferenceError("Cannot access '" + name + "' before initialization"), get);
    }, (value) => initialise(name, constant, value));
}

/* names: each a letter for the kind, then the name. */
function declareAll(names) {
    for (let i = 0; i < names.length; i++) {
        const name = StringPrototypeSlice(names[i], 1);
        const present = ObjectGetOwnPropertyDescriptor(scope, name);
        if (present !== undefined && !present.configurable) {
            throwBare(new SyntaxError("Identifier '" + name + "' has already been declared"),
                declareAll);
        }
    }
    for (let i = 0; i < names.length; i++) {
        declare(StringPrototypeSlice(names[i], 1), names[i][0] === 'c');
    }
}

/* The input ended: what it declared and did not reach does not exist. */
function bury() {
    for (const name in dead) {
        delete scope[name];
    }
    dead = { __proto__: null };
}

/* ---- _, _error, require, modules --------------------------------------------------------------*/

const last = { __proto__: null };

/* A name that follows the session until a script assigns to it. */
function follow(name, what) {
    last[name] = undefined;
    ownAccessor(name, () => last[name], (value) => {
        define(name, value);
        native.say(what + ' assignment to ' + name + ' now disabled.\n');
    });
}

function defineModule(name) {
    const load = () => {
        const exports = require(name);
        define(name, exports);
        return exports;
    };
    ownAccessor(name, load, (value) => define(name, value));
}

let native;

function start(functions) {
    native = functions;
    const names = ReflectOwnKeys(scope);
    for (let i = 0; i < names.length; i++) {
        const descriptor = ObjectGetOwnPropertyDescriptor(scope, names[i]);
        if (typeof names[i] === 'string' && ObjectHasOwn(descriptor, 'get')) {
            known[names[i]] = { __proto__: null, getter: descriptor.get };
        }
    }
    follow('_', 'Expression');
    follow('_error', 'Error');
    if (ObjectGetOwnPropertyDescriptor(scope, 'require') === undefined) {
        define('require', createRequire(host.cwd() + '/'));
    }
    for (let i = 0; i < builtinModules.length; i++) {
        const name = builtinModules[i];
        if (name !== 'module' && StringPrototypeIndexOf(name, '/') < 0 &&
            ObjectGetOwnPropertyDescriptor(scope, name) === undefined) {
            defineModule(name);
        }
    }
}

/* ---- Completion -------------------------------------------------------------------------------*/

const keywords = [
    'async', 'await', 'break', 'case', 'catch', 'class', 'const', 'continue', 'debugger', 'default',
    'delete', 'do', 'else', 'export', 'extends', 'false', 'finally', 'for', 'function', 'if',
    'import', 'in', 'instanceof', 'let', 'new', 'null', 'return', 'static', 'super', 'switch',
    'this', 'throw', 'true', 'try', 'typeof', 'undefined', 'var', 'void', 'while', 'with', 'yield',
];
const commands = ['.break', '.clear', '.editor', '.exit', '.help', '.load', '.save'];

const chain = /(?:[A-Za-z_$][\w$]*\??\.)*[A-Za-z_$]?[\w$]*$/;
const identifier = /^[A-Za-z_$][\w$]*$/;

function getProperty(value, name) {
    let holder = value === null || value === undefined ? null : Object(value);
    for (let depth = 0; holder !== null && depth < 1000; depth++) {
        if (isProxy(holder)) {
            return missing;
        }
        const descriptor = ObjectGetOwnPropertyDescriptor(holder, name);
        if (descriptor !== undefined) {
            return valueOf(holder, descriptor, name);
        }
        holder = ObjectGetPrototypeOf(holder);
    }
    return missing;
}

/* The value that a row of names with dots stands for. */
function resolve(names) {
    let value = names[0] === 'globalThis' ? scope : getProperty(scope, names[0]);
    for (let i = 1; i < names.length && value !== missing; i++) {
        value = getProperty(value, names[i]);
    }
    return value;
}

function addNames(found, value, prefix, before) {
    let holder = value === null || value === undefined ? null : Object(value);
    for (let depth = 0; holder !== null && depth < 1000 && !isProxy(holder); depth++) {
        const keys = ReflectOwnKeys(holder);
        for (let i = 0; i < keys.length; i++) {
            const key = keys[i];
            if (typeof key === 'string' && StringPrototypeStartsWith(key, prefix) &&
                RegExpPrototypeExec(identifier, key) !== null) {
                found[before + key] = true;
            }
        }
        holder = ObjectGetPrototypeOf(holder);
    }
}

function split(text) {
    const parts = [];
    let at = 0;
    for (;;) {
        const dot = StringPrototypeIndexOf(text, '.', at);
        if (dot < 0) {
            ArrayPrototypePush(parts, StringPrototypeSlice(text, at));
            return parts;
        }
        const optional = dot > at && text[dot - 1] === '?';
        ArrayPrototypePush(parts, StringPrototypeSlice(text, at, optional ? dot - 1 : dot));
        at = dot + 1;
    }
}

function addWords(found, words, prefix) {
    for (let i = 0; i < words.length; i++) {
        if (StringPrototypeStartsWith(words[i], prefix)) {
            found[words[i]] = true;
        }
    }
}

/* [the part of text that is replaced, ...words]. */
function complete(text) {
    const found = { __proto__: null };
    let part;
    if (RegExpPrototypeExec(/^\s*\.\w*$/, text) !== null) {
        part = RegExpPrototypeExec(/\.\w*$/, text)[0];
        addWords(found, commands, part);
    } else {
        part = RegExpPrototypeExec(chain, text)[0];
        const before = text[text.length - part.length - 1];
        const names = split(part);
        if (before === '.' || before === '"' || before === "'" || before === '`') {
            return [part]; /* of an expression that would have to be run, or in a text */
        }
        const prefix = names[names.length - 1];
        if (names.length === 1) {
            addNames(found, scope, prefix, '');
            addWords(found, keywords, prefix);
        } else {
            names.length--;
            const value = resolve(names);
            if (value !== missing) {
                addNames(found, value, prefix,
                    StringPrototypeSlice(part, 0, part.length - prefix.length));
            }
        }
    }
    const list = [part];
    for (const word in found) {
        ArrayPrototypePush(list, word);
    }
    return list;
}

return {
    __proto__: null,
    start,
    declare: declareAll,
    bury,
    complete,
    setLast(value) { last._ = value; },
    setError(value) { last._error = value; },
};
