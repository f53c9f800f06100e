/* Assertions about what functions throw and promises reject with. */
const {
    ArrayPrototypePush,
    Error,
    FunctionPrototypeSymbolHasInstance,
    ObjectKeys,
    ObjectPrototypeIsPrototypeOf,
    ObjectPrototypeToString,
    ReflectApply,
    RegExpPrototypeExec,
    String,
} = primordials;
const {
    ERR_AMBIGUOUS_ARGUMENT,
    ERR_INVALID_ARG_TYPE,
    ERR_INVALID_ARG_VALUE,
    ERR_INVALID_RETURN_VALUE,
    define,
} = require('internal/errors');
const { validateFunction } = require('internal/validators');
const { isDeepStrictEqual } = require('internal/comparisons');
const { inspect } = require('internal/inspection');
const { isNativeError, isPromise, isRegExp } = require('internal/typetests');
const AssertionError = require('internal/assertion_error');

const NOTHING = { __proto__: null }; /* nothing was thrown */

const isError = (value) => isNativeError(value) ||
    ObjectPrototypeToString(value) === '[object Error]' ||
    FunctionPrototypeSymbolHasInstance(Error, value);

/* Throw the message if it is an error, else an AssertionError. */
function fail(options) {
    if (FunctionPrototypeSymbolHasInstance(Error, options.message)) {
        throw options.message;
    }
    throw new AssertionError(options);
}

/* ---- Getting at it ----------------------------------------------------------------------------*/

function caughtFrom(fn) {
    validateFunction(fn, 'fn');
    try {
        fn();
    } catch (error) {
        return error;
    }
    return NOTHING;
}

function isPromiseLike(value) {
    return isPromise(value) || (value !== null && typeof value === 'object' &&
        typeof value.then === 'function' && typeof value.catch === 'function');
}

async function rejectionOf(source) {
    let promise = source;
    if (typeof source === 'function') {
        promise = source();
        if (!isPromiseLike(promise)) {
            throw new ERR_INVALID_RETURN_VALUE('instance of Promise', 'promiseFn', promise);
        }
    } else if (!isPromiseLike(source)) {
        throw new ERR_INVALID_ARG_TYPE('promiseFn', ['Function', 'Promise'], source);
    }
    try {
        await promise;
    } catch (error) {
        return error;
    }
    return NOTHING;
}

/* ---- Comparing it with what is expected -------------------------------------------------------*/

/* An error whose operator is the name of the assertion that failed. */
function failWith(fn, options, generated) {
    const error = new AssertionError({ __proto__: null, ...options, stackStartFn: fn });
    define(error, 'operator', fn.name);
    if (generated !== undefined) {
        define(error, 'generatedMessage', generated);
    }
    throw error;
}

/* The compared keys of an object, for the message. Its name is part of that text. */
class Comparison {
    constructor(object, keys, actual) {
        for (let i = 0; i < keys.length; i++) {
            const key = keys[i];
            if (key in object) {
                const matched = actual !== undefined && matchesPattern(actual[key], object[key]);
                define(this, key, matched ? actual[key] : object[key]);
            }
        }
    }
}

function matchesPattern(value, pattern) {
    return typeof value === 'string' && isRegExp(pattern) &&
        RegExpPrototypeExec(pattern, value) !== null;
}

function checkKey(actual, expected, key, message, keys, fn) {
    if (key in actual && isDeepStrictEqual(actual[key], expected[key])) {
        return;
    }
    if (message) {
        fail({
            __proto__: null, actual, expected, message, operator: fn.name, stackStartFn: fn,
        });
    }
    const error = new AssertionError({
        __proto__: null,
        actual: new Comparison(actual, keys),
        expected: new Comparison(expected, keys, actual),
        operator: 'deepStrictEqual',
        stackStartFn: fn,
    });
    define(error, 'actual', actual);
    define(error, 'expected', expected);
    define(error, 'operator', fn.name);
    throw error;
}

function checkObject(actual, expected, message, fn) {
    if (typeof actual !== 'object' || actual === null) {
        failWith(fn, { __proto__: null, actual, expected, message, operator: 'deepStrictEqual' });
    }
    const keys = ObjectKeys(expected);
    if (FunctionPrototypeSymbolHasInstance(Error, expected)) {
        ArrayPrototypePush(keys, 'name', 'message');
    } else if (keys.length === 0) {
        throw new ERR_INVALID_ARG_VALUE('error', expected, 'may not be an empty object');
    }
    for (let i = 0; i < keys.length; i++) {
        if (!matchesPattern(actual[keys[i]], expected[keys[i]])) {
            checkKey(actual, expected, keys[i], message, keys, fn);
        }
    }
}

function wrongClass(actual, expected) {
    const start = 'The error is expected to be an instance of "' + expected.name + '". Received ';
    if (!isError(actual)) {
        return start + '"' + inspect(actual, { __proto__: null, depth: -1 }) + '"';
    }
    const name = actual.constructor?.name || actual.name;
    const what = expected.name === name
        ? 'an error with identical name but a different prototype.' : '"' + name + '"';
    return start + what + (actual.message ? '\n\nError message:\n\n' + actual.message : '');
}

function wrongResult(actual, expected, result) {
    const name = expected.name ? '"' + expected.name + '" ' : '';
    const text = 'The ' + name + 'validation function is expected to return "true". ' +
        'Received ' + inspect(result);
    return isError(actual) ? text + '\n\nCaught error:\n\n' + String(actual) : text;
}

/* What is wrong with it, as a function that makes the text; undefined if it is as expected. */
function fault(actual, expected) {
    if (isRegExp(expected)) {
        const text = String(actual);
        return RegExpPrototypeExec(expected, text) !== null ? undefined : () =>
            'The input did not match the regular expression ' + inspect(expected) + '. ' +
            'Input:\n\n' + inspect(text) + '\n';
    }
    if (expected.prototype !== undefined && actual instanceof expected) {
        return undefined;
    }
    if (ObjectPrototypeIsPrototypeOf(Error, expected)) {
        return () => wrongClass(actual, expected);
    }
    const result = ReflectApply(expected, {}, [actual]);
    return result === true ? undefined : () => wrongResult(actual, expected, result);
}

function checkExpected(actual, expected, message, fn) {
    if (typeof expected !== 'function' && !isRegExp(expected)) {
        checkObject(actual, expected, message, fn);
        return;
    }
    const text = fault(actual, expected);
    if (text !== undefined) {
        const shown = message || text();
        failWith(fn, {
            __proto__: null, actual, expected, message: shown, operator: fn.name,
        }, !message);
    }
}

/* ---- throws and rejects -----------------------------------------------------------------------*/

function invalidExpected(error) {
    return new ERR_INVALID_ARG_TYPE('error', ['Object', 'Error', 'Function', 'RegExp'], error);
}

/* A text in the place of the expected error is the message, but not when it could be both. */
function refuseAmbiguous(actual, text) {
    if (typeof actual === 'object' && actual !== null) {
        if (actual.message === text) {
            throw new ERR_AMBIGUOUS_ARGUMENT('error/message',
                'The error message "' + actual.message + '" is identical to the message.');
        }
    } else if (actual === text) {
        throw new ERR_AMBIGUOUS_ARGUMENT('error/message',
            'The error "' + actual + '" is identical to the message.');
    }
}

/* args: the expected error and the message, as far as they were given. */
function expectError(fn, kind, actual, args) {
    let error = args[0];
    let message = args[1];
    if (typeof error === 'string') {
        if (args.length >= 2) {
            throw invalidExpected(error);
        }
        refuseAmbiguous(actual, error);
        message = error;
        error = undefined;
    } else if (error !== undefined && error !== null && typeof error !== 'object' &&
        typeof error !== 'function') {
        throw invalidExpected(error);
    }
    if (actual === NOTHING) {
        const name = error?.name ? ' (' + error.name + ')' : '';
        fail({
            __proto__: null,
            actual: undefined,
            expected: error,
            operator: fn.name,
            message: 'Missing expected ' + kind + name + (message ? ': ' + message : '.'),
            stackStartFn: fn,
        });
    }
    if (error) {
        checkExpected(actual, error, message, fn);
    }
}

/* ---- doesNotThrow and doesNotReject -----------------------------------------------------------*/

function isUnwanted(actual, expected) {
    if (typeof expected !== 'function') {
        if (isRegExp(expected)) {
            return RegExpPrototypeExec(expected, String(actual)) !== null;
        }
        throw new ERR_INVALID_ARG_TYPE('expected', ['Function', 'RegExp'], expected);
    }
    if (expected.prototype !== undefined && actual instanceof expected) {
        return true;
    }
    return !ObjectPrototypeIsPrototypeOf(Error, expected) &&
        ReflectApply(expected, {}, [actual]) === true;
}

function expectNoError(fn, kind, actual, args) {
    if (actual === NOTHING) {
        return;
    }
    const isText = typeof args[0] === 'string';
    const error = isText ? undefined : args[0];
    const message = isText ? args[0] : args[1];
    if (!error || isUnwanted(actual, error)) {
        fail({
            __proto__: null,
            actual,
            expected: error,
            operator: fn.name,
            message: 'Got unwanted ' + kind + (message ? ': ' + message : '.') + '\n' +
                'Actual message: "' + (actual && actual.message) + '"',
            stackStartFn: fn,
        });
    }
    throw actual;
}

function throws(promiseFn, ...args) {
    expectError(throws, 'exception', caughtFrom(promiseFn), args);
}

async function rejects(promiseFn, ...args) {
    expectError(rejects, 'rejection', await rejectionOf(promiseFn), args);
}

function doesNotThrow(fn, ...args) {
    expectNoError(doesNotThrow, 'exception', caughtFrom(fn), args);
}

async function doesNotReject(fn, ...args) {
    expectNoError(doesNotReject, 'rejection', await rejectionOf(fn), args);
}

return { __proto__: null, doesNotReject, doesNotThrow, fail, isError, rejects, throws };
