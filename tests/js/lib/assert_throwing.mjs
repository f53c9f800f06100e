/* throws, rejects and their opposites; match, ifError, fail; the class. */
import assert, { AssertionError } from 'node:assert';
import strict from 'node:assert/strict';
import { inspect } from 'node:util';

class Foo extends Error {}
const brief = (v) => typeof v === 'function' ? `function ${v.name}` : inspect(v).split('\n')[0];
const show = (e) => e instanceof AssertionError
    ? [e.message.replace(/\n[-+ ] +at .*/g, ''), e.generatedMessage, e.operator, brief(e.actual), brief(e.expected)].join(' | ')
    : e instanceof Error ? `${e.name} ${e.code} ${e.message}` : inspect(e);
const tell = (f) => {
    try {
        console.log('ok', f());
    } catch (e) {
        console.log(show(e));
    }
};
const later = async (f) => {
    try {
        console.log('ok', await f());
    } catch (e) {
        console.log(show(e));
    }
};
const expected = [
    undefined, null, Error, TypeError, Foo, /m/, /zz/, { message: 'm' }, { message: /m/ }, { message: /q/, name: 'Error' }, { code: 1 }, new Error('m'),
    new Error('o'), () => true, () => false, function named() { return 1; }, {}, 'text', 'm', 1, () => { throw new Foo('inner'); },
];
const thrown = [
    new TypeError('m'), new Foo(''), 'm', undefined, { message: 'm' }, Object.assign(new Error('m'), { code: 1 }),
    Object.assign(new Error('m'), { code: { a: [1, 2] } }),
];
for (const t of thrown) {
    const thrower = () => { throw t; };
    for (const e of expected) {
        /* Error as a validator makes an error, whose frames would be in the text. */
        if (e === Error && !(t instanceof Error)) continue;
        console.log(brief(t), '/', brief(e));
        tell(() => assert.throws(thrower, e));
        tell(() => assert.throws(thrower, e, 'message'));
        tell(() => assert.throws(thrower, e, new Foo('own')));
        tell(() => assert.doesNotThrow(thrower, e));
        tell(() => assert.doesNotThrow(thrower, e, 'message'));
        await later(() => assert.rejects(Promise.reject(t), e));
        await later(() => assert.doesNotReject(async () => { throw t; }, e));
    }
}
for (const e of expected) {
    tell(() => assert.throws(() => {}, e));
    tell(() => assert.throws(() => {}, e, 'message'));
    await later(() => assert.rejects(Promise.resolve(), e));
}
for (const f of [1, undefined, {}, 'x']) {
    tell(() => assert.throws(f));
    await later(() => assert.rejects(f));
}
await later(() => assert.rejects(() => 1));
await later(() => assert.rejects(() => { throw new Foo('sync'); }));
await later(() => assert.rejects({ then(a) { a(1); }, catch() {} }));
await later(() => assert.doesNotReject(Promise.resolve(3)));

for (const text of ['abc', 1, null, undefined, {}]) {
    for (const pattern of [/b/, /z/, 'b', undefined]) {
        for (const message of [undefined, 'message', new Foo('own')]) {
            tell(() => assert.match(text, pattern, message));
            tell(() => assert.doesNotMatch(text, pattern, message));
        }
    }
}
for (const value of [null, undefined, 0, '', 'x', new Foo('z'), new Foo(''), { message: 'x' }]) tell(() => assert.ifError(value));
process.removeAllListeners('warning');
process.on('warning', (w) => console.log(w.name, w.code, w.message));
for (const args of [[], ['x'], [new Foo('x')], [null], [5], [1, 2], [1, 2, 'm'], [1, 2, undefined, '>'], [1, 2, new Foo('z')]]) tell(() => assert.fail(...args));
for (const value of [0, '', null, NaN, false, 1, {}]) {
    tell(() => assert.ok(value, 'message'));
    tell(() => strict(value, new Foo('own')));
}
tell(() => assert());
tell(() => assert.ok());
for (const options of [undefined, 'x', {}, { message: 'm' }, { operator: 'op', actual: 1, expected: 2 }, { message: 'q', operator: 'strictEqual', actual: 1, expected: 2 },
    { actual: [1], expected: [1], operator: 'strictEqual' }, { actual: 'x'.repeat(600), expected: 'a\n'.repeat(20), operator: 'foo' }]) {
    tell(() => {
        const e = new AssertionError(options);
        return [e.name, e.message, e.generatedMessage, e.code, e.operator, String(e), Object.keys(e).join(), inspect(e).replace(/\n +at .*/g, '')].join('\n');
    });
}
console.log(strict === assert.strict, strict.equal === assert.strictEqual, strict.strict === strict, assert.ok.name, assert.length);
console.log(Object.keys(assert).filter((k) => k !== 'CallTracker').join());
