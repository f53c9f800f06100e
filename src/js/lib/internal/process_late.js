/* What process does seldom: checks of the exit code and of arguments, warnings. */
const {
    ArrayIsArray,
    Error,
    ErrorPrototypeToString,
    Number,
    NumberIsNaN,
    NumberParseInt,
    RegExpPrototypeExec,
    String,
} = primordials;
const { define } = binding('object');
const native = binding('process');

/* Their stacks start at the caller of `above`. */
function wrongType(name, expected, value, above) {
    const { ERR_INVALID_ARG_TYPE, hideFrames } = require('internal/errors');
    return hideFrames(new ERR_INVALID_ARG_TYPE(name, expected, value), above);
}

function outOfRange(name, expected, value, above) {
    const { ERR_OUT_OF_RANGE, hideFrames } = require('internal/errors');
    return hideFrames(new ERR_OUT_OF_RANGE(name, expected, value), above);
}

function wrongValue(name, value, reason, above) {
    const { ERR_INVALID_ARG_VALUE, hideFrames } = require('internal/errors');
    return hideFrames(new ERR_INVALID_ARG_VALUE(name, value, reason), above);
}

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

/* ---- Of the system ----------------------------------------------------------------------------*/

function umask(mask, above) {
    if (typeof mask !== 'string') {
        const { validateUint32 } = require('internal/validators');
        validateUint32(mask, 'mask');
        return native.umask(mask);
    }
    if (RegExpPrototypeExec(/^[0-7]+$/, mask) === null) {
        throw wrongValue('mask', mask, 'must be a 32-bit unsigned integer or an octal string', above);
    }
    return native.umask(NumberParseInt(mask, 8));
}

function checkUsage(value, name, above) {
    if (typeof value !== 'number') {
        throw wrongType(name, 'number', value, above);
    }
    if (!(value >= 0 && value <= 9007199254740991)) {
        throw wrongValue(name, value, undefined, above);
    }
}

function usageSince(user, system, previous, above) {
    if (typeof previous !== 'object' || ArrayIsArray(previous)) {
        throw wrongType('prevValue', 'object', previous, above);
    }
    checkUsage(previous.user, 'prevValue.user', above);
    checkUsage(previous.system, 'prevValue.system', above);
    return { user: user - previous.user, system: system - previous.system };
}

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
    const { captureStack } = require('internal/errors');
    return captureStack(warning, above, ErrorPrototypeToString(warning));
}

function tellWarning(process, warning) {
    process.emit('warning', warning);
}

function throwDeprecation(warning) {
    throw warning;
}

function needString(value, name, above) {
    if (typeof value !== 'string') {
        throw wrongType(name, 'string', value, above);
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

/* process.emitWarning, which is `self`. */
function emitWarning(process, self, warning, type, code, above) {
    const options = warningOptions(type, code, above);
    if (options.type !== undefined) {
        needString(options.type, 'type', self);
    }
    if (options.code !== undefined) {
        needString(options.code, 'code', self);
    }
    let told = warning;
    if (typeof warning === 'string') {
        told = makeWarning(warning, options.type, options.code, options.detail,
            options.above ?? self);
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
    native.nextTick(tellWarning, process, told);
}

function printWarning(process, warning) {
    if (!native.isError(warning) ||
        (warning.name === 'DeprecationWarning' && process.noDeprecation)) {
        return;
    }
    const code = warning.code ? '[' + warning.code + '] ' : '';
    const detail = typeof warning.detail === 'string' ? '\n' + warning.detail : '';
    native.write(2, '(millrace:' + native.pid + ') ' + code + ErrorPrototypeToString(warning) +
        detail + '\n');
}

return {
    __proto__: null,
    checkExitCode,
    emitWarning,
    outOfRange,
    printWarning,
    umask,
    usageSince,
    wrongType,
};
