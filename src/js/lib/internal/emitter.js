/* EventEmitter: the constructor and its methods, which the process object needs at start. The static
 * functions are in events.js, the public module.
 *
 * The state of an emitter is Node.js's: `_events` maps names to a listener or an array of at least
 * two, `_eventsCount` counts the names; both are made on first use, since methods work on objects that
 * never went through the constructor. hideState gives an emitter a state that no script can see. */
const {
    ArrayIsArray,
    ArrayPrototypePop,
    ArrayPrototypePush,
    ArrayPrototypeShift,
    ArrayPrototypeToSpliced,
    ArrayPrototypeUnshift,
    Boolean,
    Error,
    FunctionPrototypeBind,
    FunctionPrototypeSymbolHasInstance,
    ObjectDefineProperty,
    ObjectGetPrototypeOf,
    ReflectApply,
    ReflectOwnKeys,
    String,
    Symbol,
    SymbolFor,
} = primordials;
const { define } = binding('object');
const host = require('internal/host');

const kCapture = Symbol('kCapture');
const kRejection = SymbolFor('nodejs.rejection');
const kShapeMode = Symbol('shapeMode'); /* without a use here; shown when an emitter is printed */
const errorMonitor = Symbol('events.errorMonitor');

const defaults = { __proto__: null, maxListeners: 10 };

/* ---- State ------------------------------------------------------------------------------------*/

class Itself {
    constructor(object) {
        return object;
    }
}

/* Puts a private field on an object that exists already. */
class Hidden extends Itself {
    #state;
    constructor(object, state) {
        super(object);
        this.#state = state;
    }
    static stateOf(emitter) {
        return #state in emitter ? emitter.#state : emitter;
    }
}
const { stateOf } = Hidden;

function hideState(emitter) {
    new Hidden(emitter, {
        __proto__: null,
        _events: { __proto__: null },
        _eventsCount: 0,
        _maxListeners: undefined,
        [kCapture]: false,
    });
}

function EventEmitter(options) {
    ReflectApply(EventEmitter.init, this, [options]);
}
const prototype = EventEmitter.prototype;

function init(options) {
    if (this._events === undefined || this._events === ObjectGetPrototypeOf(this)._events) {
        this._events = { __proto__: null };
        this._eventsCount = 0;
    }
    this._maxListeners = this._maxListeners || undefined;
    this[kShapeMode] = false;
    this[kCapture] = captureOption(options) ?? prototype[kCapture];
}

function captureOption(options) {
    const capture = options?.captureRejections;
    if (!capture) {
        return undefined;
    }
    if (typeof capture !== 'boolean') {
        const { ERR_INVALID_ARG_TYPE } = require('internal/errors');
        throw new ERR_INVALID_ARG_TYPE('options.captureRejections', 'boolean', capture);
    }
    return Boolean(capture);
}

prototype._events = undefined;
prototype._eventsCount = 0;
prototype._maxListeners = undefined;
ObjectDefineProperty(prototype, kCapture, {
    __proto__: null, value: false, writable: true, enumerable: false,
});

/* ---- Adding -----------------------------------------------------------------------------------*/

function checkListener(listener, above) {
    if (typeof listener !== 'function') {
        const { ERR_INVALID_ARG_TYPE, hideFrames } = require('internal/errors');
        throw hideFrames(new ERR_INVALID_ARG_TYPE('listener', 'Function', listener), above);
    }
}

function maxListenersOf(state) {
    const own = state._maxListeners;
    return own === undefined ? defaults.maxListeners : own;
}

function warnOfLeak(emitter, type, count, limit) {
    const shown = binding('util').inspect(emitter, { __proto__: null, depth: -1 });
    const warning = new Error('Possible EventEmitter memory leak detected. ' +
        count + ' ' + String(type) + ' listeners added to ' + shown + '. ' +
        'MaxListeners is ' + limit + '. ' +
        'Use emitter.setMaxListeners() to increase limit');
    define(warning, 'name', 'MaxListenersExceededWarning');
    define(warning, 'emitter', emitter);
    define(warning, 'type', type);
    define(warning, 'count', count);
    host.emitWarning(warning);
}

/* Make a list of two from one, or lengthen the list in place. */
function joinListeners(events, type, existing, listener, prepend) {
    if (typeof existing === 'function') {
        return events[type] = prepend ? [listener, existing] : [existing, listener];
    }
    if (prepend) {
        ArrayPrototypeUnshift(existing, listener);
    } else {
        ArrayPrototypePush(existing, listener);
    }
    return existing;
}

function add(emitter, type, listener, prepend) {
    const state = stateOf(emitter);
    let events = state._events;
    if (events === undefined) {
        events = state._events = { __proto__: null };
        state._eventsCount = 0;
    } else if (events.newListener !== undefined) {
        emitter.emit('newListener', type, listener.listener ?? listener);
        events = state._events; /* a listener may have removed everything */
    }
    const existing = events[type];
    if (existing === undefined) {
        events[type] = listener;
        ++state._eventsCount;
        return emitter;
    }
    const list = joinListeners(events, type, existing, listener, prepend);
    const limit = maxListenersOf(state);
    if (limit > 0 && list.length > limit && !list.warned) {
        define(list, 'warned', true);
        warnOfLeak(emitter, type, list.length, limit);
    }
    return emitter;
}

prototype.setMaxListeners = function setMaxListeners(n) {
    require('internal/validators').validateNumber(n, 'setMaxListeners', 0);
    stateOf(this)._maxListeners = n;
    return this;
};

prototype.getMaxListeners = function getMaxListeners() {
    return maxListenersOf(stateOf(this));
};

/* ---- Emitting ---------------------------------------------------------------------------------*/

function throwUnhandled(args) {
    const error = args.length > 0 ? args[0] : undefined;
    if (FunctionPrototypeSymbolHasInstance(Error, error)) {
        throw error;
    }
    let text;
    try {
        text = binding('util').inspect(error);
    } catch {
        text = error;
    }
    const { ERR_UNHANDLED_ERROR } = require('internal/errors');
    const wrapped = new ERR_UNHANDLED_ERROR(text);
    define(wrapped, 'context', error);
    throw wrapped;
}

/* Tell the emitter of a rejection from one of its listeners, with capturing switched off meanwhile
 * so that a rejection from an 'error' listener does not come back for ever. */
function emitRejection(emitter, error, type, args) {
    if (typeof emitter[kRejection] === 'function') {
        ReflectApply(emitter[kRejection], emitter,
            ArrayPrototypeToSpliced(args, 0, 0, error, type));
        return;
    }
    const state = stateOf(emitter);
    const before = state[kCapture];
    try {
        state[kCapture] = false;
        emitter.emit('error', error);
    } finally {
        state[kCapture] = before;
    }
}

function captureRejection(emitter, result, type, args) {
    try {
        const { then } = result;
        if (typeof then === 'function') {
            ReflectApply(then, result, [undefined, (error) =>
                host.nextTick(emitRejection, emitter, error, type, args)]);
        }
    } catch (error) {
        emitter.emit('error', error);
    }
}

function callListener(emitter, state, listener, type, args) {
    const result = ReflectApply(listener, emitter, args);
    if (result !== undefined && result !== null && state[kCapture]) {
        captureRejection(emitter, result, type, args);
    }
}

prototype.emit = function emit(type, ...args) {
    const state = stateOf(this);
    const events = state._events;
    if (type === 'error') {
        if (events !== undefined && events[errorMonitor] !== undefined) {
            ReflectApply(this.emit, this, ArrayPrototypeToSpliced(args, 0, 0, errorMonitor));
        }
        if (events === undefined || events.error === undefined) {
            throwUnhandled(args);
        }
    }
    const handler = events === undefined ? undefined : events[type];
    if (handler === undefined) {
        return false;
    }
    if (typeof handler === 'function') {
        callListener(this, state, handler, type, args);
        return true;
    }
    const list = ArrayPrototypeToSpliced(handler); /* the list as it stands now */
    const { length } = list;
    for (let i = 0; i < length; ++i) {
        callListener(this, state, list[i], type, args);
    }
    return true;
};

prototype.addListener = function addListener(type, listener) {
    checkListener(listener, addListener);
    return add(this, type, listener, false);
};
prototype.on = prototype.addListener;

prototype.prependListener = function prependListener(type, listener) {
    checkListener(listener, prependListener);
    return add(this, type, listener, true);
};

/* ---- Once -------------------------------------------------------------------------------------*/

function onceWrapper(...args) {
    if (!this.fired) {
        this.emitter.removeListener(this.type, this.wrapped);
        this.fired = true;
        return ReflectApply(this.listener, this.emitter, args);
    }
}

/* The function that is registered for a `once`; its `listener` is the original. */
function wrapOnce(emitter, type, listener) {
    const state = {
        __proto__: null, fired: false, wrapped: undefined, emitter, type, listener,
    };
    state.wrapped = FunctionPrototypeBind(onceWrapper, state);
    define(state.wrapped, 'listener', listener);
    return state.wrapped;
}

prototype.once = function once(type, listener) {
    checkListener(listener, once);
    this.on(type, wrapOnce(this, type, listener));
    return this;
};

prototype.prependOnceListener = function prependOnceListener(type, listener) {
    checkListener(listener, prependOnceListener);
    this.prependListener(type, wrapOnce(this, type, listener));
    return this;
};

/* ---- Removing ---------------------------------------------------------------------------------*/

function forgetName(state, type) {
    if (--state._eventsCount === 0) {
        state._events = { __proto__: null };
    } else {
        delete state._events[type];
    }
}

/* The last place of a listener in a list, -1 if it is not there. */
function lastPlace(list, listener) {
    for (let i = list.length - 1; i >= 0; i--) {
        if (list[i] === listener || list[i].listener === listener) {
            return i;
        }
    }
    return -1;
}

function removeAt(list, place) {
    if (place === 0) {
        ArrayPrototypeShift(list);
        return;
    }
    for (let i = place + 1; i < list.length; i++) {
        list[i - 1] = list[i];
    }
    ArrayPrototypePop(list);
}

prototype.removeListener = function removeListener(type, listener) {
    checkListener(listener, removeListener);
    const state = stateOf(this);
    const events = state._events;
    const list = events === undefined ? undefined : events[type];
    if (list === undefined) {
        return this;
    }
    let original = listener;
    if (list === listener || list.listener === listener) {
        original = list.listener || listener;
        forgetName(state, type);
    } else if (typeof list === 'function') {
        return this;
    } else {
        const place = lastPlace(list, listener);
        if (place < 0) {
            return this;
        }
        removeAt(list, place);
        if (list.length === 1) {
            events[type] = list[0];
        }
    }
    if (events.removeListener !== undefined) {
        this.emit('removeListener', type, original);
    }
    return this;
};
prototype.off = prototype.removeListener;

/* Nobody listens to 'removeListener': drop without telling. */
function dropAll(state, type, everything) {
    if (everything) {
        state._events = { __proto__: null };
        state._eventsCount = 0;
    } else if (state._events[type] !== undefined) {
        forgetName(state, type);
    }
}

function removeEachName(emitter, events) {
    const names = ReflectOwnKeys(events);
    for (let i = 0; i < names.length; ++i) {
        if (names[i] !== 'removeListener') {
            emitter.removeAllListeners(names[i]);
        }
    }
    emitter.removeAllListeners('removeListener');
    const state = stateOf(emitter);
    state._events = { __proto__: null };
    state._eventsCount = 0;
}

prototype.removeAllListeners = function removeAllListeners(type) {
    const state = stateOf(this);
    const events = state._events;
    if (events === undefined) {
        return this;
    }
    const everything = arguments.length === 0;
    if (events.removeListener === undefined) {
        dropAll(state, type, everything);
        return this;
    }
    if (everything) {
        removeEachName(this, events);
        return this;
    }
    const list = events[type];
    if (typeof list === 'function') {
        this.removeListener(type, list);
    } else if (list !== undefined) {
        for (let i = list.length - 1; i >= 0; i--) {
            this.removeListener(type, list[i]);
        }
    }
    return this;
};

/* ---- Asking -----------------------------------------------------------------------------------*/

function listenersOf(emitter, type, unwrap) {
    const events = stateOf(emitter)._events;
    const found = events === undefined ? undefined : events[type];
    if (found === undefined) {
        return [];
    }
    const list = ArrayIsArray(found) ? ArrayPrototypeToSpliced(found) : [found];
    if (unwrap) {
        for (let i = 0; i < list.length; i++) {
            list[i] = list[i].listener || list[i];
        }
    }
    return list;
}

prototype.listeners = function listeners(type) {
    return listenersOf(this, type, true);
};

prototype.rawListeners = function rawListeners(type) {
    return listenersOf(this, type, false);
};

prototype.listenerCount = function listenerCount(type, listener) {
    const list = listenersOf(this, type, false);
    if (listener === undefined || listener === null) {
        return list.length;
    }
    let count = 0;
    for (let i = 0; i < list.length; i++) {
        if (list[i] === listener || list[i].listener === listener) {
            count++;
        }
    }
    return count;
};

prototype.eventNames = function eventNames() {
    const state = stateOf(this);
    return state._eventsCount > 0 ? ReflectOwnKeys(state._events) : [];
};

ObjectDefineProperty(EventEmitter, 'init', {
    __proto__: null, value: init, writable: true, enumerable: true, configurable: true,
});

return {
    __proto__: null, EventEmitter, defaults, errorMonitor, hideState, kCapture, kRejection,
};
