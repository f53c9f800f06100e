/* The message of a failed assert.ok without one: the source text of the call.
 *
 * The stack says in which file the call stands and a place inside it. The file is read again and its
 * tokens are scanned up to the end of the call; nothing is evaluated. Where that does not work out,
 * there is no message, and the caller makes one from the value. */
const {
    ArrayPrototypeIncludes,
    ArrayPrototypeJoin,
    ArrayPrototypePop,
    ArrayPrototypePush,
    ErrorCaptureStackTrace,
    Map,
    MapPrototypeGet,
    MapPrototypeHas,
    MapPrototypeSet,
    Number,
    RegExpPrototypeExec,
    StringPrototypeCharCodeAt,
    StringPrototypeIndexOf,
    StringPrototypeLastIndexOf,
    StringPrototypeSlice,
    StringPrototypeStartsWith,
} = primordials;
const { splitLines } = require('internal/assertdiff');

/* ---- The place --------------------------------------------------------------------------------*/

/* File, line and column (in bytes, as the engine counts) of the caller of fn. */
function callerOf(fn) {
    const holder = {};
    ErrorCaptureStackTrace(holder, fn);
    const { stack } = holder;
    const found = typeof stack !== 'string' ? null
        : RegExpPrototypeExec(/^ {4}at .*? \((.*):(\d+):(\d+)\)$/m, stack);
    return found === null ? undefined : {
        __proto__: null, file: found[1], line: Number(found[2]), column: Number(found[3]),
    };
}

function readSource(file) {
    if (file[0] !== '/' && !StringPrototypeStartsWith(file, 'file:')) {
        return undefined;
    }
    const path = file[0] === '/' ? file : require('url').fileURLToPath(file);
    return require('internal/fs_calls').readFile(undefined, path, 'utf8');
}

function bytesOf(code) {
    if (code < 0x80) {
        return 1;
    }
    return code < 0x800 || (code >= 0xd800 && code < 0xe000) ? 2 : 3;
}

/* The index in the text of a line and a column in bytes; -1 if there is no such line. */
function indexOf(text, line, column) {
    let index = 0;
    for (let i = 1; i < line; i++) {
        index = StringPrototypeIndexOf(text, '\n', index) + 1;
        if (index === 0) {
            return -1;
        }
    }
    for (let bytes = 1; bytes < column && index < text.length; index++) {
        bytes += bytesOf(StringPrototypeCharCodeAt(text, index));
    }
    return index;
}

/* ---- Tokens -----------------------------------------------------------------------------------*/

const WORD = 1; /* names, keywords, numbers */
const TEXT = 2; /* strings, templates, regular expressions */
const MARK = 3; /* punctuation, one character; `?.` is a `.` */

const beforeRegExp = [
    'return', 'typeof', 'case', 'in', 'of', 'delete', 'void', 'instanceof', 'new', 'throw', 'else',
    'do', 'yield', 'await',
];

const space = /[\s\ufeff]+/y;
const comment = /\/\/[^\n]*|\/\*[^]*?\*\//y;
const word = /[\p{ID_Continue}$#\\\u200c\u200d]+/uy;
const string = /"(?:[^"\\\n]|\\[^])*"|'(?:[^'\\\n]|\\[^])*'/y;
const regExp = /\/(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/y;

/* The end of what the pattern matches at the index; the index if it does not. */
function match(pattern, text, index) {
    pattern.lastIndex = index;
    return RegExpPrototypeExec(pattern, text) === null ? index : pattern.lastIndex;
}

/* Reads the tokens of a text and the brackets among them, until the one behind `place` closes. */
class Scanner {
    #text;
    #tokens = []; /* { kind, start, end, open: the index of its partner, for closing brackets } */
    #open = []; /* indexes of the brackets that are open */

    constructor(text) {
        this.#text = text;
    }

    token(i) {
        return this.#tokens[i];
    }

    is(i, mark) {
        const token = this.#tokens[i];
        return token !== undefined && token.kind === MARK && this.#text[token.start] === mark;
    }

    text(i) {
        const { start, end } = this.#tokens[i];
        return StringPrototypeSlice(this.#text, start, end);
    }

    /* Call found(open, close), indexes of tokens, for each pair of parentheses around or right
     * behind the place, from the inside; it answers whether to stop. */
    scan(place, found) {
        let index = this.#text[0] === '#' ? StringPrototypeIndexOf(this.#text, '\n') : 0;
        while (index >= 0 && index < this.#text.length) {
            index = this.#next(index);
            const last = this.#tokens.length - 1;
            const open = last < 0 ? undefined : this.#tokens[last].open;
            if (open !== undefined && index >= place && found(open, last)) {
                return;
            }
        }
    }

    #put(kind, start, end) {
        ArrayPrototypePush(this.#tokens, { __proto__: null, kind, start, end, open: undefined });
        return end;
    }

    #startsRegExp() {
        const last = this.#tokens.length - 1;
        if (last < 0) {
            return true;
        }
        const { kind } = this.#tokens[last];
        if (kind === WORD) {
            return ArrayPrototypeIncludes(beforeRegExp, this.text(last));
        }
        return kind === MARK && !this.is(last, ')') && !this.is(last, ']');
    }

    /* Read on from the index; returns where to go on. */
    #next(index) {
        const text = this.#text;
        let end = match(space, text, index);
        if (end === index && text[index] === '/') {
            end = match(comment, text, index);
        }
        if (end > index) {
            return end;
        }
        if ((end = match(word, text, index)) > index) {
            return this.#put(WORD, index, end);
        }
        if ((end = match(string, text, index)) > index) {
            return this.#put(TEXT, index, end);
        }
        if (text[index] === '/' && this.#startsRegExp() &&
            (end = match(regExp, text, index)) > index) {
            return this.#put(TEXT, index, end);
        }
        return text[index] === '`' ? this.#template(index) : this.#mark(index);
    }

    #mark(index) {
        const char = this.#text[index];
        if (char === '?' && this.#text[index + 1] === '.') {
            return this.#put(MARK, index + 1, index + 2);
        }
        this.#put(MARK, index, index + 1);
        const last = this.#tokens.length - 1;
        if (char === '(' || char === '[' || char === '{') {
            ArrayPrototypePush(this.#open, last);
        } else if (char === ')' || char === ']' || char === '}') {
            this.#tokens[last].open = ArrayPrototypePop(this.#open);
        }
        return index + 1;
    }

    /* A template is one token; what stands in its `${}` is read by a scanner of its own. */
    #template(start) {
        const text = this.#text;
        let index = start + 1;
        while (index < text.length && text[index] !== '`') {
            if (text[index] === '\\') {
                index += 2;
            } else if (text[index] === '$' && text[index + 1] === '{') {
                index = this.#substitution(index + 1);
            } else {
                index++;
            }
        }
        return this.#put(TEXT, start, index + 1);
    }

    #substitution(start) {
        const inner = new Scanner(this.#text);
        let index = inner.#next(start);
        while (index < this.#text.length && inner.#open.length > 0) {
            index = inner.#next(index);
        }
        return index;
    }
}

/* ---- The call ---------------------------------------------------------------------------------*/

/* The token with which the operand that ends at token `last` begins: over calls, indexes and
 * members. -1 if there is no operand. */
function operandStart(scanner, last) {
    let i = last;
    for (;;) {
        const token = scanner.token(i);
        if (token === undefined) {
            return -1;
        }
        if (token.kind === MARK) {
            if (token.open === undefined || scanner.is(i, '}')) {
                return -1;
            }
            i = token.open;
            const before = scanner.token(i - 1);
            const operand = before !== undefined &&
                (before.kind !== MARK || before.open !== undefined);
            const keyword = operand && before.kind === WORD &&
                ArrayPrototypeIncludes(beforeRegExp, scanner.text(i - 1));
            if (operand && !keyword) {
                i--;
                continue;
            }
        }
        if (!scanner.is(i - 1, '.')) {
            return i;
        }
        i -= 2;
    }
}

/* The names by which the function is usually called. */
function namesOf(fn) {
    return fn.name === 'ok' ? ['ok'] : ['assert', 'strict'];
}

/* The call around the place whose callee has one of the names; else the widest one that no brace
 * separates from the place. Indexes into the text. */
function findCall(text, place, names) {
    const scanner = new Scanner(text);
    let best;
    scanner.scan(place, (open, close) => {
        if (scanner.is(open, '{')) {
            return best !== undefined && scanner.token(open).start <= place;
        }
        const start = scanner.is(open, '(') ? operandStart(scanner, open - 1) : -1;
        if (start < 0 || scanner.token(start).start > place) {
            return false;
        }
        best = {
            __proto__: null, start: scanner.token(start).start, end: scanner.token(close).end,
        };
        let last = open - 1;
        while (scanner.is(last, ')')) {
            last--; /* a callee in parentheses */
        }
        return ArrayPrototypeIncludes(names, scanner.text(last));
    });
    return best;
}

/* The call with its lines moved left by the indentation of the first, then under the message's. */
function tidy(call, indentation) {
    const lines = splitLines(call);
    for (let i = 1; i < lines.length; i++) {
        let start = 0;
        while (start < indentation && (lines[i][start] === ' ' || lines[i][start] === '\t')) {
            start++;
        }
        lines[i] = '  ' + StringPrototypeSlice(lines[i], start);
    }
    return ArrayPrototypeJoin(lines, '\n');
}

function findMessage(place, fn) {
    const text = readSource(place.file);
    const index = text === undefined ? -1 : indexOf(text, place.line, place.column);
    const call = index < 0 ? undefined : findCall(text, index, namesOf(fn));
    if (call === undefined) {
        return undefined;
    }
    const lineStart = StringPrototypeLastIndexOf(text, '\n', call.start) + 1;
    const shown = tidy(StringPrototypeSlice(text, call.start, call.end), call.start - lineStart);
    return 'The expression evaluated to a falsy value:\n\n  ' + shown + '\n';
}

const known = new Map();

/* The message for a call of fn that failed, or undefined. */
function sourceMessage(fn) {
    const place = callerOf(fn);
    if (place === undefined) {
        return undefined;
    }
    const key = place.file + ':' + place.line + ':' + place.column;
    if (!MapPrototypeHas(known, key)) {
        let message;
        try {
            message = findMessage(place, fn);
        } catch {
            message = undefined; /* the file is gone, or may not be read */
        }
        MapPrototypeSet(known, key, message);
    }
    return MapPrototypeGet(known, key);
}

return sourceMessage;
