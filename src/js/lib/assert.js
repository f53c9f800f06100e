/* node:assert */
const {
    ArrayPrototypeIndexOf,
    ArrayPrototypeJoin,
    ArrayPrototypePush,
    ArrayPrototypeToSpliced,
    Error,
    FunctionPrototypeSymbolHasInstance,
    NumberIsNaN,
    ObjectIs,
    RegExpPrototypeExec,
    StringPrototypeIndexOf,
    StringPrototypeSlice,
    StringPrototypeStartsWith,
} = primordials;
const { ERR_INVALID_ARG_TYPE, ERR_MISSING_ARGS, define, hideFrames } = require('internal/errors');
const { isDeepEqual, isDeepStrictEqual } = require('internal/comparisons');
const { inspect } = require('internal/inspection');
const { isRegExp } = require('internal/typetests');
const { splitLines } = require('internal/assertdiff');
const { doesNotReject, doesNotThrow, fail: failWith, isError, rejects, throws } =
    require('internal/assertthrows');
const AssertionError = require('internal/assertion_error');
const host = require('internal/host');

/* ---- Truth ------------------------------------------------------------------------------------*/

function checkTrue(fn, args) {
    const value = args[0];
    let message = args[1];
    if (value) {
        return;
    }
    let generated = false;
    if (args.length === 0) {
        generated = true;
        message = 'No value argument passed to `assert.ok()`';
    } else if (message === undefined || message === null) {
        generated = true;
        message = require('internal/assertsource')(fn);
    } else if (isError(message)) {
        throw message;
    }
    const error = new AssertionError({
        __proto__: null, actual: value, expected: true, message, operator: '==', stackStartFn: fn,
    });
    define(error, 'generatedMessage', generated);
    throw error;
}

function ok(...args) {
    checkTrue(ok, args);
}

function assert(...args) {
    checkTrue(assert, args);
}

function strict(...args) {
    checkTrue(strict, args);
}

/* ---- Equality ---------------------------------------------------------------------------------*/

/* eslint-disable eqeqeq */
const looselyEqual = (a, b) => a == b || (NumberIsNaN(a) && NumberIsNaN(b));

function check(passed, args, operator, fn) {
    if (args.length < 2) {
        throw hideFrames(new ERR_MISSING_ARGS('actual', 'expected'), fn);
    }
    if (!passed(args[0], args[1])) {
        failWith({
            __proto__: null,
            actual: args[0],
            expected: args[1],
            message: args[2],
            operator,
            stackStartFn: fn,
        });
    }
}

const not = (test) => (a, b) => !test(a, b);
const looselyUnequal = not(looselyEqual);
const deepUnequal = not(isDeepEqual);
const deepStrictUnequal = not(isDeepStrictEqual);
const notSame = not(ObjectIs);

/* eslint-disable no-unused-vars -- the parameters make the functions' length */
function equal(actual, expected, message) {
    check(looselyEqual, arguments, '==', equal);
}

function notEqual(actual, expected, message) {
    check(looselyUnequal, arguments, '!=', notEqual);
}

function deepEqual(actual, expected, message) {
    check(isDeepEqual, arguments, 'deepEqual', deepEqual);
}

function notDeepEqual(actual, expected, message) {
    check(deepUnequal, arguments, 'notDeepEqual', notDeepEqual);
}

function deepStrictEqual(actual, expected, message) {
    check(isDeepStrictEqual, arguments, 'deepStrictEqual', deepStrictEqual);
}

function notDeepStrictEqual(actual, expected, message) {
    check(deepStrictUnequal, arguments, 'notDeepStrictEqual', notDeepStrictEqual);
}

function strictEqual(actual, expected, message) {
    check(ObjectIs, arguments, 'strictEqual', strictEqual);
}

function notStrictEqual(actual, expected, message) {
    check(notSame, arguments, 'notStrictEqual', notStrictEqual);
}
/* eslint-enable no-unused-vars */

/* ---- Failure ----------------------------------------------------------------------------------*/

let warnedOfFail = false;

function warnOfFail() {
    if (!warnedOfFail) {
        warnedOfFail = true;
        host.emitWarning('assert.fail() with more than one argument is deprecated. ' +
            'Please use assert.strictEqual() instead or only pass a message.',
        'DeprecationWarning', 'DEP0094');
    }
}

/* fail(message); the longer forms are deprecated. */
function fail(actual, expected, message, operator, stackStartFn) {
    const count = arguments.length;
    const options = {
        __proto__: null, actual, expected, message, operator: operator ?? 'fail',
        stackStartFn: stackStartFn || fail,
    };
    const bare = count <= 1 && (actual === undefined || actual === null);
    if (bare) {
        options.message = 'Failed';
    } else if (count === 1) {
        options.message = actual;
        options.actual = undefined;
    } else {
        warnOfFail();
        if (count === 2) {
            options.operator = '!=';
        }
    }
    if (FunctionPrototypeSymbolHasInstance(Error, options.message)) {
        throw options.message;
    }
    const error = new AssertionError(options);
    if (bare) {
        define(error, 'generatedMessage', true);
    }
    throw error;
}

function unwantedText(error) {
    if (typeof error !== 'object' || typeof error.message !== 'string') {
        return inspect(error);
    }
    return error.message.length === 0 && error.constructor ? error.constructor.name
        : error.message;
}

/* The lines of a stack that are frames, and what stands before them. */
function splitStack(stack) {
    const start = StringPrototypeStartsWith(stack, '    at') ? 0
        : StringPrototypeIndexOf(stack, '\n    at') + 1;
    return start === 0 && !StringPrototypeStartsWith(stack, '    at') ? undefined : {
        __proto__: null,
        head: StringPrototypeSlice(stack, 0, start),
        frames: splitLines(StringPrototypeSlice(stack, start)),
    };
}

/* The new error's stack down to where it meets the other's, then the other's frames. */
function joinStacks(error, other) {
    const old = splitStack(other);
    const fresh = splitStack(error.stack);
    if (old === undefined || fresh === undefined) {
        return;
    }
    let { frames } = fresh;
    for (let i = 0; i < old.frames.length; i++) {
        const place = ArrayPrototypeIndexOf(frames, old.frames[i]);
        if (old.frames[i] !== '' && place >= 0) {
            frames = ArrayPrototypeToSpliced(frames, place, frames.length - place);
            break;
        }
    }
    for (let i = 0; i < old.frames.length; i++) {
        if (old.frames[i] !== '') {
            ArrayPrototypePush(frames, old.frames[i]);
        }
    }
    define(error, 'stack', fresh.head + ArrayPrototypeJoin(frames, '\n'), false);
}

function ifError(err) {
    if (err === null || err === undefined) {
        return;
    }
    const error = new AssertionError({
        __proto__: null,
        actual: err,
        expected: null,
        operator: 'ifError',
        message: 'ifError got unwanted exception: ' + unwantedText(err),
        stackStartFn: ifError,
    });
    const { stack } = err;
    if (typeof stack === 'string') {
        joinStacks(error, stack);
    }
    throw error;
}

/* ---- Patterns ---------------------------------------------------------------------------------*/

function matchText(string, regexp, wanted) {
    if (typeof string !== 'string') {
        return 'The "string" argument must be of type string. ' +
            'Received type ' + typeof string + ' (' + inspect(string) + ')';
    }
    return (wanted ? 'The input did not' : 'The input was expected to not') +
        ' match the regular expression ' + inspect(regexp) + '. ' +
        'Input:\n\n' + inspect(string) + '\n';
}

function checkMatch(string, regexp, message, wanted, fn) {
    if (!isRegExp(regexp)) {
        throw hideFrames(new ERR_INVALID_ARG_TYPE('regexp', 'RegExp', regexp), fn);
    }
    if (typeof string === 'string' && (RegExpPrototypeExec(regexp, string) !== null) === wanted) {
        return;
    }
    if (FunctionPrototypeSymbolHasInstance(Error, message)) {
        throw message;
    }
    const error = new AssertionError({
        __proto__: null,
        actual: string,
        expected: regexp,
        message: message || matchText(string, regexp, wanted),
        operator: fn.name,
        stackStartFn: fn,
    });
    define(error, 'generatedMessage', !message);
    throw error;
}

function match(string, regexp, message) {
    checkMatch(string, regexp, message, true, match);
}

function doesNotMatch(string, regexp, message) {
    checkMatch(string, regexp, message, false, doesNotMatch);
}

/* ---- The module -------------------------------------------------------------------------------*/

const members = {
    __proto__: null,
    fail,
    AssertionError,
    ok,
    equal,
    notEqual,
    deepEqual,
    notDeepEqual,
    deepStrictEqual,
    notDeepStrictEqual,
    strictEqual,
    notStrictEqual,
    throws,
    rejects,
    doesNotThrow,
    doesNotReject,
    ifError,
    match,
    doesNotMatch,
};
for (const name in members) {
    define(assert, name, members[name]);
    define(strict, name, members[name]);
}
define(strict, 'equal', strictEqual);
define(strict, 'deepEqual', deepStrictEqual);
define(strict, 'notEqual', notStrictEqual);
define(strict, 'notDeepEqual', notDeepStrictEqual);
define(assert, 'strict', strict);
define(strict, 'strict', strict);

return assert;
