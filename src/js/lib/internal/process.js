/* The global process object, and what C asks of it: `c` below is called with no user code between.
 *
 * Everything a script can see and change hangs on `process`; nothing of ours reads it back, except
 * `emit`, which scripts are known to wrap. Whether there is a listener is read from the emitter's own
 * state. No template literals here: the engine makes them with String.prototype.concat, which a
 * script can change. */
const {
    ErrorCaptureStackTrace,
    Error,
    ErrorPrototypeToString,
    Number,
    NumberIsNaN,
    ObjectCreate,
    ObjectDefineProperty,
    String,
    SymbolToStringTag,
    ArrayIsArray,
    ReflectApply,
} = primordials;
const { EventEmitter, hideState } = require('internal/emitter');
const define = require('internal/define');
const host = require('internal/host');
const native = binding('process');

const { listenerCount, on } = EventEmitter.prototype;

/* Errors are read when the first one is needed. Their stacks start at the caller of `above`. */
function wrongType(name, expected, value, above) {
    const { ERR_INVALID_ARG_TYPE, hideFrames } = require('internal/errors');
    return hideFrames(new ERR_INVALID_ARG_TYPE(name, expected, value), above);
}

function outOfRange(name, expected, value, above) {
    const { ERR_OUT_OF_RANGE, hideFrames } = require('internal/errors');
    return hideFrames(new ERR_OUT_OF_RANGE(name, expected, value), above);
}

/* ---- The object -------------------------------------------------------------------------------*/

const prototype = ObjectCreate(EventEmitter.prototype);
/* What typeof process.constructor and its name show; it makes nothing. */
const constructor = { process() {} }.process;
define(prototype, 'constructor', constructor, false);
ObjectDefineProperty(prototype, SymbolToStringTag, {
    __proto__: null, value: 'process', writable: false, enumerable: false, configurable: true,
});
const process = ObjectCreate(prototype);
hideState(process);

function constant(name, value) {
    ObjectDefineProperty(process, name, {
        __proto__: null, value, writable: false, enumerable: true, configurable: true,
    });
}

function accessor(name, get, set = undefined) {
    ObjectDefineProperty(process, name, {
        __proto__: null, get, set, enumerable: true, configurable: true,
    });
}

constant('version', 'v' + native.millrace);
constant('versions', { millrace: native.millrace, quickjs: native.quickjs });
constant('arch', native.arch);
constant('platform', native.platform);
constant('release', { name: 'millrace' });
define(process, 'title', 'millrace');
define(process, 'argv', native.argv);
define(process, 'execArgv', native.execArgv);
define(process, 'env', native.env);
constant('pid', native.pid);
accessor('ppid', native.ppid);
define(process, 'execPath', native.execPath);
constant('argv0', native.argv0);

/* ---- The end ----------------------------------------------------------------------------------*/

/* The code as an int32; undefined for one that is undefined or null. */
function checkExitCode(value, above) {
    if (value === undefined || value === null) {
        return undefined;
    }
    let code = value;
    if (typeof value === 'string' && value !== '') {
        code = Number(value);
        if (NumberIsNaN(code)) {
            code = value;
        }
    }
    if (typeof code !== 'number') {
        throw wrongType('code', 'number', code, above);
    }
    if (code % 1 !== 0) {
        throw outOfRange('code', 'an integer', code, above);
    }
    if (code > 9007199254740991 || code < -9007199254740991) {
        const range = '>= -9007199254740991 && <= 9007199254740991';
        throw outOfRange('code', range, code, above);
    }
    return code | 0;
}

ObjectDefineProperty(process, 'exitCode', {
    __proto__: null,
    get: native.getExitCode,
    set: function exitCode(value) {
        native.setExitCode(checkExitCode(value, exitCode));
    },
    enumerable: true,
    configurable: false,
});

function exit(code) {
    const checked = checkExitCode(code, exit);
    if (arguments.length === 0) {
        native.exit();
    } else {
        native.exit(checked ?? 0);
    }
}
define(process, 'exit', exit);

/* ---- Warnings ---------------------------------------------------------------------------------*/

function makeWarning(text, type, code, detail, above) {
    const warning = new Error(text);
    define(warning, 'name', String(type || 'Warning'), false);
    if (code !== undefined) {
        define(warning, 'code', code);
    }
    if (detail !== undefined) {
        define(warning, 'detail', detail);
    }
    ErrorCaptureStackTrace(warning, above);
    return warning;
}

function tellWarning(warning) {
    process.emit('warning', warning);
}

function throwDeprecation(warning) {
    throw warning;
}

function needString(value, name) {
    if (typeof value !== 'string') {
        throw wrongType(name, 'string', value, emitWarning);
    }
}

/* The optional arguments in their three forms: (type, code, above), (options), (above). */
function warningOptions(type, code, above) {
    if (type !== null && typeof type === 'object' && !ArrayIsArray(type)) {
        const { detail } = type;
        return {
            __proto__: null,
            type: type.type || 'Warning',
            code: type.code,
            above: type.ctor,
            detail: typeof detail === 'string' ? detail : undefined,
        };
    }
    if (typeof type === 'function') {
        return { __proto__: null, type: 'Warning', code: undefined, above: type };
    }
    if (typeof code === 'function') {
        return { __proto__: null, type, code: undefined, above: code };
    }
    return { __proto__: null, type, code, above };
}

function emitWarning(warning, type, code, above) {
    const options = warningOptions(type, code, above);
    if (options.type !== undefined) {
        needString(options.type, 'type');
    }
    if (options.code !== undefined) {
        needString(options.code, 'code');
    }
    let told = warning;
    if (typeof warning === 'string') {
        told = makeWarning(warning, options.type, options.code, options.detail,
            options.above ?? emitWarning);
    } else if (!native.isError(warning)) {
        const { ERR_INVALID_ARG_TYPE } = require('internal/errors');
        throw new ERR_INVALID_ARG_TYPE('warning', ['Error', 'string'], warning);
    }
    if (told.name === 'DeprecationWarning') {
        if (process.noDeprecation) {
            return;
        }
        if (process.throwDeprecation) {
            native.nextTick(throwDeprecation, told);
            return;
        }
    }
    native.nextTick(tellWarning, told);
}
define(process, 'emitWarning', emitWarning);

/* The listener that prints; scripts may take it away, as in Node.js. */
function onWarning(warning) {
    if (!native.isError(warning) ||
        (warning.name === 'DeprecationWarning' && process.noDeprecation)) {
        return;
    }
    const code = warning.code ? '[' + warning.code + '] ' : '';
    const detail = typeof warning.detail === 'string' ? '\n' + warning.detail : '';
    native.write(2, '(millrace:' + native.pid + ') ' + code + ErrorPrototypeToString(warning) +
        detail + '\n');
}
if (!native.noWarnings) {
    ReflectApply(on, process, ['warning', onWarning]);
}

/* ---- Time and place ---------------------------------------------------------------------------*/

function hrtime(previous) {
    const now = native.hrtime();
    if (previous === undefined) {
        return now;
    }
    if (!ArrayIsArray(previous)) {
        throw wrongType('time', 'Array', previous, hrtime);
    }
    if (previous.length !== 2) {
        throw outOfRange('time', 2, previous.length, hrtime);
    }
    const seconds = now[0] - previous[0];
    const rest = now[1] - previous[1];
    return rest < 0 ? [seconds - 1, rest + 1e9] : [seconds, rest];
}
define(hrtime, 'bigint', native.hrtimeBigint);
define(process, 'hrtime', hrtime);

define(process, 'nextTick', native.nextTick);
define(process, 'uptime', native.uptime);
define(process, 'cwd', native.cwd);
define(process, 'chdir', function chdir(directory) {
    if (typeof directory !== 'string') {
        throw wrongType('directory', 'string', directory, chdir);
    }
    native.chdir(directory);
});
define(process, 'memoryUsage', native.memoryUsage);
define(native.memoryUsage, 'rss', native.rss);

/* ---- Streams: made when first asked for -------------------------------------------------------*/

function stream(name) {
    let made;
    ObjectDefineProperty(process, name, {
        __proto__: null,
        get: { get: () => made ??= require('internal/stdio')[name]() }.get,
        set: undefined,
        enumerable: true,
        configurable: true,
    });
}
stream('stdin');
stream('stdout');
stream('stderr');

host.install({ __proto__: null, cwd: native.cwd, emitWarning, nextTick: native.nextTick });

return {
    __proto__: null,
    process,
    c: {
        __proto__: null,
        emit(name, arg) {
            process.emit(name, arg);
        },
        uncaught(value, origin) {
            process.emit('uncaughtExceptionMonitor', value, origin);
            const handled = ReflectApply(listenerCount, process, ['uncaughtException']) > 0;
            process.emit('uncaughtException', value, origin);
            return handled;
        },
        rejection(reason, promise) {
            const handled = ReflectApply(listenerCount, process, ['unhandledRejection']) > 0;
            process.emit('unhandledRejection', reason, promise);
            return handled;
        },
        warn(text, name) {
            emitWarning(text, name);
        },
    },
};
