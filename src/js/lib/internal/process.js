/* The global process object, and what C asks of it: `c` below is called with no user code between.
 *
 * Everything a script can see and change hangs on `process`; nothing of ours reads it back, except
 * `emit`, which scripts are known to wrap. Whether there is a listener is read from the emitter's own
 * state. No template literals here: the engine makes them with String.prototype.concat, which a
 * script can change. */
const {
    ArrayIsArray,
    ObjectCreate,
    ObjectDefineProperty,
    ReflectApply,
    SymbolToStringTag,
} = primordials;
const { EventEmitter, hideState } = require('internal/emitter');
const { define, constant, accessor } = binding('object');
const host = require('internal/host');
const native = binding('process');

const { listenerCount, on } = EventEmitter.prototype;

/* What most runs never need. */
function late() {
    return require('internal/process_late');
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

constant(process, 'version', 'v' + native.millrace);
constant(process, 'versions', { millrace: native.millrace, quickjs: native.quickjs });
constant(process, 'arch', native.arch);
constant(process, 'platform', native.platform);
constant(process, 'release', { name: 'millrace' });
define(process, 'title', 'millrace');
define(process, 'argv', native.argv);
define(process, 'execArgv', native.execArgv);
define(process, 'env', native.env);
constant(process, 'pid', native.pid);
accessor(process, 'ppid', native.ppid);
define(process, 'execPath', native.execPath);
constant(process, 'argv0', native.argv0);

/* ---- The end ----------------------------------------------------------------------------------*/

/* What is an int32 already needs no check. */
function checked(code, above) {
    return typeof code === 'number' && code === (code | 0) ? code
        : late().checkExitCode(code, above);
}

ObjectDefineProperty(process, 'exitCode', {
    __proto__: null,
    get: native.getExitCode,
    set: function exitCode(value) {
        native.setExitCode(checked(value, exitCode));
    },
    enumerable: true,
    configurable: false,
});

function exit(code) {
    if (arguments.length === 0) {
        native.exit();
    } else {
        native.exit(checked(code, exit) ?? 0);
    }
}
define(process, 'exit', exit);

/* ---- Warnings ---------------------------------------------------------------------------------*/

function emitWarning(warning, type, code, above) {
    late().emitWarning(process, emitWarning, warning, type, code, above);
}
define(process, 'emitWarning', emitWarning);

/* The listener that prints; scripts may take it away, as in Node.js. */
function onWarning(warning) {
    late().printWarning(process, warning);
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
        throw late().wrongType('time', 'Array', previous, hrtime);
    }
    if (previous.length !== 2) {
        throw late().outOfRange('time', 2, previous.length, hrtime);
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
        throw late().wrongType('directory', 'string', directory, chdir);
    }
    native.chdir(directory);
});
define(process, 'getuid', native.getuid);
define(process, 'geteuid', native.geteuid);
define(process, 'getgid', native.getgid);
define(process, 'getegid', native.getegid);
define(process, 'umask', function umask(mask = undefined) {
    return mask === undefined ? native.umask() : late().umask(mask, umask);
});

/* Microseconds of this process, all its threads together, since its start or a former answer. */
function cpuUsage(previous) {
    const [user, system] = native.cpuUsage();
    return previous ? late().usageSince(user, system, previous, cpuUsage) : { user, system };
}
define(process, 'cpuUsage', cpuUsage);
define(process, 'memoryUsage', native.memoryUsage);
define(native.memoryUsage, 'rss', native.rss);

/* ---- Streams: made when first asked for -------------------------------------------------------*/

function stream(name) {
    let made;
    accessor(process, name, { get: () => made ??= require('internal/stdio')[name]() }.get);
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
