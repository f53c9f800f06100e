/* node:os */
const {
    ArrayPrototypePush,
    ObjectDefineProperty,
    ObjectFreeze,
    ObjectHasOwn,
    StringPrototypeEndsWith,
    StringPrototypeSlice,
    SymbolToPrimitive,
} = primordials;
const { define } = require('internal/errors');
const native = binding('os');
const { arch, platform } = binding('process');

/* The environment is the script's own: what it set counts, what it may not see does not. */
function fromEnvironment(name) {
    return require('process').env[name];
}

function homedir() {
    return fromEnvironment('HOME') || native.user().homedir;
}

function tmpdir() {
    const path = fromEnvironment('TMPDIR') || fromEnvironment('TMP') || fromEnvironment('TEMP') ||
        '/tmp';
    return path.length > 1 && StringPrototypeEndsWith(path, '/')
        ? StringPrototypeSlice(path, 0, -1) : path;
}

/* The addresses by interface. */
function networkInterfaces() {
    const list = native.interfaces();
    const result = {};
    for (let i = 0; i < list.length; i++) {
        const { name, ...address } = list[i];
        if (ObjectHasOwn(result, name)) {
            ArrayPrototypePush(result[name], address);
        } else {
            define(result, name, [address]);
        }
    }
    return result;
}

const os = {
    arch: () => arch,
    availableParallelism: () => native.parallelism(),
    cpus: () => native.cpus(),
    endianness: () => native.endianness,
    freemem: () => native.freemem(),
    homedir,
    hostname: () => native.hostname(),
    loadavg: () => native.loadavg(),
    networkInterfaces,
    platform: () => platform,
    release: () => native.release,
    tmpdir,
    totalmem: () => native.totalmem(),
    type: () => native.type,
    userInfo: () => native.user(),
    uptime: () => native.uptime(),
    version: () => native.version,
    machine: () => native.machine,
};

/* `${os.arch}` is the value. */
const convertible = [
    'arch', 'availableParallelism', 'endianness', 'freemem', 'homedir', 'hostname', 'platform',
    'release', 'tmpdir', 'totalmem', 'type', 'uptime', 'version', 'machine',
];
for (let i = 0; i < convertible.length; i++) {
    const method = os[convertible[i]];
    define(method, SymbolToPrimitive, () => method());
}

function constant(name, value) {
    ObjectDefineProperty(os, name, {
        __proto__: null, value, writable: false, enumerable: true, configurable: false,
    });
}
constant('constants', {
    __proto__: null, errno: ObjectFreeze(native.errno), signals: ObjectFreeze(native.signals),
});
ObjectDefineProperty(os, 'EOL', {
    __proto__: null, value: '\n', writable: false, enumerable: true, configurable: true,
});
ObjectDefineProperty(os, 'devNull', {
    __proto__: null, value: '/dev/null', writable: false, enumerable: true, configurable: true,
});

return os;
