/* The texts of assertion errors: two values shown, and the lines in which they differ. */
const {
    ArrayPrototypeJoin,
    ArrayPrototypePop,
    ArrayPrototypePush,
    Error,
    FunctionPrototypeSymbolHasInstance,
    MathMax,
    ObjectAssign,
    ObjectCreate,
    ObjectGetPrototypeOf,
    StringPrototypeIndexOf,
    StringPrototypeRepeat,
    StringPrototypeSlice,
} = primordials;
const { define } = require('internal/errors');
const { canColor, inspect } = require('internal/inspection');

const headings = {
    __proto__: null,
    deepStrictEqual: 'Expected values to be strictly deep-equal:',
    strictEqual: 'Expected values to be strictly equal:',
    strictEqualObject: 'Expected "actual" to be reference-equal to "expected":',
    deepEqual: 'Expected values to be loosely deep-equal:',
    notDeepStrictEqual: 'Expected "actual" not to be strictly deep-equal to:',
    notStrictEqual: 'Expected "actual" to be strictly unequal to:',
    notStrictEqualObject: 'Expected "actual" not to be reference-equal to "expected":',
    notDeepEqual: 'Expected "actual" not to be loosely deep-equal to:',
    notIdentical: 'Values have same structure but are not reference-equal:',
    notDeepEqualUnequal: 'Expected values not to be loosely deep-equal:',
};

const isObject = (value) => typeof value === 'object' && value !== null;

/* ---- Values as lines --------------------------------------------------------------------------*/

function show(value) {
    return inspect(value, {
        __proto__: null,
        compact: false,
        customInspect: false,
        depth: 1000,
        maxArrayLength: Infinity,
        showHidden: false,
        showProxy: false,
        sorted: true,
        getters: true,
    });
}

function splitLines(text) {
    const lines = [];
    let start = 0;
    for (let end; (end = StringPrototypeIndexOf(text, '\n', start)) >= 0; start = end + 1) {
        ArrayPrototypePush(lines, StringPrototypeSlice(text, start, end));
    }
    ArrayPrototypePush(lines, StringPrototypeSlice(text, start));
    return lines;
}

/* The escape codes for a terminal on standard error; empty texts elsewhere. */
function palette() {
    const { stderr } = require('process');
    if (!stderr?.isTTY || !canColor(stderr)) {
        return { __proto__: null, blue: '', green: '', white: '', red: '' };
    }
    return {
        __proto__: null, blue: '\x1b[34m', green: '\x1b[32m', white: '\x1b[39m', red: '\x1b[31m',
    };
}

function shortened(lines, ellipsis) {
    if (lines.length > 50) {
        lines[46] = ellipsis;
        while (lines.length > 47) {
            ArrayPrototypePop(lines);
        }
    }
    return lines;
}

function cut(text, limit) {
    return text.length > limit ? StringPrototypeSlice(text, 0, limit - 3) + '...' : text;
}

/* ---- The difference ---------------------------------------------------------------------------*/

/* Both values on one line: `a !== b` for short primitives, undefined for others. */
function shortForm(actual, expected, left, right) {
    const zeros = actual === 0 && expected === 0; /* 0 and -0: `!==` would be wrong */
    const short = left.length + right.length <= 12;
    return short && !isObject(actual) && !isObject(expected) && !zeros
        ? '\n\n' + left + ' !== ' + right + '\n' : undefined;
}

/* A mark below the first character that differs, if both lines fit on a line. */
function mismatchMark(left, right) {
    const length = left.length + right.length;
    const { stderr } = require('process');
    const width = stderr?.isTTY ? stderr.columns : 80;
    if (length <= 12 || length >= width) {
        return '';
    }
    let same = 0;
    while (left[same] === right[same]) {
        same++;
    }
    return same > 2 ? '\n  ' + StringPrototypeRepeat(' ', same) + '^' : '';
}

/* Take the lines off both ends that are equal, and give them as text: the last three and the first
 * one of them. */
function takeEqualEnd(left, right, dots) {
    let text = '';
    let first = '';
    let count = 0;
    while (left.length > 0 && right.length > 0 &&
        left[left.length - 1] === right[right.length - 1]) {
        const line = ArrayPrototypePop(left);
        ArrayPrototypePop(right);
        if (count++ < 3) {
            text = '\n  ' + line + text;
        } else {
            first = line;
        }
    }
    const skipped = count >= 5;
    if (skipped) {
        text = '\n' + dots + text;
    }
    if (first !== '') {
        text = '\n  ' + first + text;
    }
    return { __proto__: null, text, skipped };
}

/* Lines that differ by a comma at the end count as equal; the one with the comma is shown. */
function unite(left, right) {
    if (left === right || right + ',' === left) {
        return left;
    }
    return left + ',' === right ? right : undefined;
}

/* Writes the two lists of lines side by side: of equal lines the two after a difference and the two
 * before the next one. Expected lines wait until the run of differences is over. */
class Printer {
    #left;
    #right;
    #colors;
    #text = '';
    #waiting = '';
    #equal = 0; /* equal lines since the last difference */
    #printed = 0;
    #skipped = false;

    constructor(left, right, colors) {
        this.#left = left;
        this.#right = right;
        this.#colors = colors;
    }

    get #dots() {
        return '\n' + this.#colors.blue + '...' + this.#colors.white;
    }

    #context(line) {
        this.#text += '\n  ' + line;
        this.#printed++;
    }

    #added(line) {
        this.#text += '\n' + this.#colors.green + '+' + this.#colors.white + ' ' + line;
        this.#printed++;
    }

    #missing(line) {
        this.#waiting += '\n' + this.#colors.red + '-' + this.#colors.white + ' ' + line;
        this.#printed++;
    }

    /* Before a difference at i: the equal lines above it that were held back. */
    #catchUp(lines, i) {
        const held = this.#equal - 2;
        this.#equal = 0;
        if (held > 3) {
            this.#text += this.#dots;
            this.#skipped = true;
        } else if (held === 3) {
            this.#context(lines[i - 3]);
        }
        if (held > 1) {
            this.#context(lines[i - 2]);
        }
        if (held > 0) {
            this.#context(lines[i - 1]);
        }
    }

    #equalLine(line) {
        this.#text += this.#waiting;
        this.#waiting = '';
        if (++this.#equal <= 2) {
            this.#context(line);
        }
    }

    #step(i) {
        const left = this.#left;
        const right = this.#right;
        if (i >= right.length) {
            this.#catchUp(left, i);
            this.#added(left[i]);
        } else if (i >= left.length) {
            this.#catchUp(right, i);
            this.#missing(right[i]);
        } else {
            const line = unite(left[i], right[i]);
            if (line !== undefined) {
                this.#equalLine(line);
                return;
            }
            this.#catchUp(left, i);
            this.#added(left[i]);
            this.#missing(right[i]);
        }
    }

    print(heading, end, mark) {
        const colors = this.#colors;
        const head = heading + '\n' + colors.green + '+ actual' + colors.white + ' ' +
            colors.red + '- expected' + colors.white;
        const note = ' ' + colors.blue + '...' + colors.white + ' Lines skipped';
        const count = MathMax(this.#left.length, this.#right.length);
        this.#skipped = end.skipped;
        for (let i = 0; i < count; i++) {
            this.#step(i);
            if (this.#printed > 50 && i < count - 2) {
                return head + note + '\n' + this.#text + this.#dots + this.#waiting + this.#dots;
            }
        }
        return head + (this.#skipped ? note : '') + '\n' + this.#text + this.#waiting +
            end.text + mark;
    }
}

/* The message of strictEqual and deepStrictEqual. */
function difference(actual, expected, operator, message) {
    const both = (isObject(actual) && isObject(expected)) ||
        (typeof actual === 'function' && typeof expected === 'function');
    const kind = operator === 'strictEqual' && both ? 'strictEqualObject' : operator;
    const heading = message || headings[kind];
    const colors = palette();
    const dots = colors.blue + '...' + colors.white;
    const shown = show(actual);
    const left = splitLines(shown);
    const right = splitLines(show(expected));
    let mark = '';
    if (left.length === 1 && right.length === 1 && left[0] !== right[0]) {
        const text = shortForm(actual, expected, left[0], right[0]);
        if (text !== undefined) {
            return heading + text;
        }
        mark = kind === 'strictEqualObject' ? '' : mismatchMark(left[0], right[0]);
    }
    const end = takeEqualEnd(left, right, dots);
    if (left.length === 0 && right.length === 0) {
        const lines = shortened(splitLines(shown), dots);
        return headings.notIdentical + '\n\n' + ArrayPrototypeJoin(lines, '\n') + '\n';
    }
    return new Printer(left, right, colors).print(heading, end, mark);
}

/* ---- The other operators ----------------------------------------------------------------------*/

/* The message of notStrictEqual and notDeepStrictEqual. */
function unwantedEqual(actual, operator) {
    const object = operator === 'notStrictEqual' &&
        (isObject(actual) || typeof actual === 'function');
    const heading = headings[object ? 'notStrictEqualObject' : operator];
    const colors = palette();
    const lines = shortened(splitLines(show(actual)), colors.blue + '...' + colors.white);
    if (lines.length === 1) {
        return heading + (lines[0].length > 5 ? '\n\n' : ' ') + lines[0];
    }
    return heading + '\n\n' + ArrayPrototypeJoin(lines, '\n') + '\n';
}

function comparison(actual, expected, operator) {
    const left = show(actual);
    const right = show(expected);
    const heading = headings[operator];
    if (operator === 'notDeepEqual' && left === right) {
        return cut(heading + '\n\n' + left, 1024);
    }
    const first = cut(left, 512);
    const second = cut(right, 512);
    if (operator === 'deepEqual') {
        return heading + '\n\n' + first + '\n\nshould loosely deep-equal\n\n' + second;
    }
    const unequal = headings[operator + 'Unequal'];
    if (unequal !== undefined) {
        return unequal + '\n\n' + first + '\n\nshould not loosely deep-equal\n\n' + second;
    }
    return first + ' ' + operator + ' ' + second;
}

/* Errors are shown without their stacks: as copies that have none. */
function copyError(error) {
    const copy = ObjectAssign(ObjectCreate(ObjectGetPrototypeOf(error)), error);
    define(copy, 'message', error.message, false);
    return copy;
}

const isError = (value) =>
    isObject(value) && FunctionPrototypeSymbolHasInstance(Error, value) && 'stack' in value;

/* The message for the operator, and the values as the error is to hold them. */
function describe(actual, expected, operator) {
    let left = actual;
    let right = expected;
    if (isError(actual) && isError(expected)) {
        left = copyError(actual);
        right = copyError(expected);
    }
    let message;
    if (operator === 'deepStrictEqual' || operator === 'strictEqual') {
        message = difference(left, right, operator);
    } else if (operator === 'notDeepStrictEqual' || operator === 'notStrictEqual') {
        message = unwantedEqual(left, operator);
    } else {
        message = comparison(left, right, operator);
    }
    return { __proto__: null, actual: left, expected: right, message };
}

return { __proto__: null, describe, difference, splitLines };
