// What scripts read as `stack` begins with name and message as they are when it is read, then frames.
'use strict';
const first = (error) => error.stack.split('\n')[0];

console.log(first(new Error('plain')), first(new TypeError('')), first(new RangeError('two\nlines')));
console.log(/^Error: framed\n {4}at \S/.test(new Error('framed').stack));

class Named extends Error {
    constructor(message) {
        super(message);
        this.name = 'Named';
    }
}
class Computed extends Error {
    get name() {
        return 'Computed';
    }
}
console.log(first(new Named('late name')), first(new Computed('getter')));

class Captured extends Error {
    constructor(message) {
        super(message);
        Error.captureStackTrace(this, Captured);
        this.name = 'Captured';
    }
}
function makeCaptured() {
    return new Captured('without constructor');
}
const captured = makeCaptured();
console.log(captured.stack.split('\n').slice(0, 2).map((line) => line.split(' (')[0]));
console.log(Object.keys(captured), JSON.stringify(captured));

function Old(message) {
    this.message = message;
    Error.captureStackTrace(this, Old);
}
Old.prototype = Object.create(Error.prototype);
Old.prototype.name = 'Old';
console.log(first(new Old('of the old style')), Object.keys(new Old('x')));
const target = {};
console.log(Error.captureStackTrace(target), first(target), Object.keys(target));

const error = new Error('assigned');
error.stack = 'a text';
console.log(error.stack, Object.keys(error), Object.getOwnPropertyDescriptor(error, 'stack'));
error.stack = undefined;
console.log(error.stack, error);
function Borrowed() {
    this.stack = 'of another';
}
Borrowed.prototype = Object.create(Error.prototype);
console.log(Object.keys(new Borrowed()));
const frozen = Object.freeze(new Error('frozen'));
try {
    frozen.stack = 'x';
} catch (thrown) {
    console.log(first(thrown).split(':')[0], first(frozen));
}

for (const act of [() => null.x, () => setTimeout(1), () => require('./nowhere'), () => JSON.parse('{')]) {
    try {
        act();
    } catch (thrown) {
        const code = thrown.code?.startsWith('ERR_') ? ` [${thrown.code}]` : '';
        console.log(first(thrown) === `${thrown.name}${code}: ${thrown.message}`.split('\n')[0]);
    }
}
console.log(first(structuredClone(new Named('cloned'))));
Error.stackTraceLimit = 0;
console.log(new Error('no frames').stack);
Error.stackTraceLimit = 10;
Error.prepareStackTrace = (prepared, sites) => [prepared.message, typeof sites[0].getLineNumber()];
console.log(new Error('prepared').stack);
Error.prepareStackTrace = undefined;
const controller = new AbortController();
const { setTimeout: wait } = require('timers/promises');
wait(1000, null, { signal: controller.signal }).catch((thrown) => console.log(first(thrown)));
controller.abort();
process.on('warning', (warning) => console.log(first(warning)));
process.emitWarning('of a script', 'Heard');
Error.prototype.stack = 'of the prototype';
console.log(first(new Error('not hidden')));
