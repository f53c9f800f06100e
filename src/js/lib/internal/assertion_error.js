/* AssertionError: what a failed assertion throws. */
const {
    ArrayPrototypeJoin,
    Error,
    String,
    StringPrototypeSlice,
} = primordials;
const { define, hideFrames } = require('internal/errors');
const { describe, difference, splitLines } = require('internal/assertdiff');
const { inspect } = require('internal/inspection');
const { validateObject } = require('internal/validators');

function messageOf(options) {
    const { actual, expected, message, operator } = options;
    if (message === undefined || message === null) {
        return describe(actual, expected, operator);
    }
    const diff = operator === 'deepStrictEqual' || operator === 'strictEqual';
    return {
        __proto__: null,
        actual,
        expected,
        message: diff ? difference(actual, expected, operator, message) : String(message),
    };
}

/* Long texts are not shown whole below the message. (Node.js keeps the end of a long line.) */
function shorten(value) {
    if (typeof value !== 'string') {
        return value;
    }
    const lines = splitLines(value);
    if (lines.length > 10) {
        lines.length = 10;
        return ArrayPrototypeJoin(lines, '\n') + '\n...';
    }
    return value.length > 512 ? StringPrototypeSlice(value, 512) + '...' : value;
}

class AssertionError extends Error {
    constructor(options) {
        validateObject(options, 'options');
        const { message, operator, stackStartFn, stackStartFunction } = options;
        const described = messageOf(options);
        super(described.message);
        define(this, 'generatedMessage', !message);
        define(this, 'name', 'AssertionError', false);
        define(this, 'code', 'ERR_ASSERTION');
        define(this, 'actual', described.actual);
        define(this, 'expected', described.expected);
        define(this, 'operator', operator);
        hideFrames(this, stackStartFn || stackStartFunction || AssertionError);
    }

    toString() {
        return this.name + ' [' + this.code + ']: ' + this.message;
    }

    [inspect.custom](depth, context) {
        const { actual, expected } = this;
        this.actual = shorten(actual);
        this.expected = shorten(expected);
        const text = inspect(this, {
            __proto__: null, ...context, customInspect: false, depth: 0,
        });
        this.actual = actual;
        this.expected = expected;
        return text;
    }
}

return AssertionError;
