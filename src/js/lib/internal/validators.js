/* Checks of arguments, with Node.js's errors. Each returns nothing or throws. */
const {
    ArrayIsArray,
    ArrayPrototypeIncludes,
    ArrayPrototypeJoin,
    ArrayPrototypePush,
    NumberIsInteger,
    NumberIsNaN,
} = primordials;
const {
    ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE, ERR_OUT_OF_RANGE, hideFrames,
} = require('internal/errors');

function validateFunction(value, name) {
    if (typeof value !== 'function') {
        throw hideFrames(new ERR_INVALID_ARG_TYPE(name, 'Function', value), validateFunction);
    }
}

function validateString(value, name) {
    if (typeof value !== 'string') {
        throw hideFrames(new ERR_INVALID_ARG_TYPE(name, 'string', value), validateString);
    }
}

function validateBoolean(value, name) {
    if (typeof value !== 'boolean') {
        throw hideFrames(new ERR_INVALID_ARG_TYPE(name, 'boolean', value), validateBoolean);
    }
}

function describeBounds(min, max) {
    const low = min === undefined ? '' : '>= ' + min;
    const high = max === undefined ? '' : '<= ' + max;
    return low && high ? low + ' && ' + high : low + high;
}

/* Bounds that are undefined do not bind; NaN is refused as soon as there is one. */
function validateNumber(value, name, min = undefined, max = undefined) {
    if (typeof value !== 'number') {
        throw hideFrames(new ERR_INVALID_ARG_TYPE(name, 'number', value), validateNumber);
    }
    const bound = min !== undefined || max !== undefined;
    if (value < min || value > max || (bound && NumberIsNaN(value))) {
        throw hideFrames(new ERR_OUT_OF_RANGE(name, describeBounds(min, max), value),
            validateNumber);
    }
}

function checkInteger(value, name, min, max, above) {
    if (typeof value !== 'number') {
        throw hideFrames(new ERR_INVALID_ARG_TYPE(name, 'number', value), above);
    }
    if (!NumberIsInteger(value)) {
        throw hideFrames(new ERR_OUT_OF_RANGE(name, 'an integer', value), above);
    }
    if (value < min || value > max) {
        throw hideFrames(new ERR_OUT_OF_RANGE(name, '>= ' + min + ' && <= ' + max, value), above);
    }
}

function validateInteger(value, name, min = -(2 ** 53 - 1), max = 2 ** 53 - 1) {
    checkInteger(value, name, min, max, validateInteger);
}

function validateInt32(value, name, min = -(2 ** 31), max = 2 ** 31 - 1) {
    checkInteger(value, name, min, max, validateInt32);
}

function validateUint32(value, name, positive = false) {
    checkInteger(value, name, positive ? 1 : 0, 2 ** 32 - 1, validateUint32);
}

/* An object that is no array and no function; `allow` lifts these, and null, one by one. */
function validateObject(value, name, allow = undefined) {
    const wrong = value === null ? !allow?.nullable
        : ArrayIsArray(value) ? !allow?.array
            : typeof value !== 'object' && !(typeof value === 'function' && allow?.function);
    if (wrong) {
        throw hideFrames(new ERR_INVALID_ARG_TYPE(name, 'Object', value), validateObject);
    }
}

function validateArray(value, name, minLength = 0) {
    if (!ArrayIsArray(value)) {
        throw hideFrames(new ERR_INVALID_ARG_TYPE(name, 'Array', value), validateArray);
    }
    if (value.length < minLength) {
        throw hideFrames(
            new ERR_INVALID_ARG_VALUE(name, value, 'must be longer than ' + minLength),
            validateArray);
    }
}

function validateOneOf(value, name, choices) {
    if (ArrayPrototypeIncludes(choices, value)) {
        return;
    }
    const words = [];
    for (let i = 0; i < choices.length; i++) {
        const word = choices[i];
        ArrayPrototypePush(words, typeof word === 'string' ? "'" + word + "'" : '' + word);
    }
    const reason = 'must be one of: ' + ArrayPrototypeJoin(words, ', ');
    throw hideFrames(new ERR_INVALID_ARG_VALUE(name, value, reason), validateOneOf);
}

function validateAbortSignal(signal, name) {
    if (signal !== undefined &&
        (signal === null || typeof signal !== 'object' || !('aborted' in signal))) {
        throw hideFrames(new ERR_INVALID_ARG_TYPE(name, 'AbortSignal', signal),
            validateAbortSignal);
    }
}

return {
    __proto__: null,
    validateAbortSignal,
    validateArray,
    validateBoolean,
    validateFunction,
    validateInt32,
    validateInteger,
    validateNumber,
    validateObject,
    validateOneOf,
    validateString,
    validateUint32,
};
