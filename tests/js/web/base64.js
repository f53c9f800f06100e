// F8 base64 vectors; 256 bytes there and back.
'use strict';
const show = (f) => {
    try {
        console.log(JSON.stringify(f()));
    } catch (error) {
        console.log(error instanceof DOMException, error.name, error.code);
    }
};

/* RFC 4648, section 10 */
const words = ['', 'f', 'fo', 'foo', 'foob', 'fooba', 'foobar'];
for (const word of words) {
    console.log(word, btoa(word), atob(btoa(word)) === word);
}

const all = String.fromCharCode(...Array(256).keys());
console.log(btoa(all));
console.log(atob(btoa(all)) === all);
for (let i = 0; i < 256; i++) {
    for (const text of [all[i], all[i] + 'x', 'xx' + all[i], all.slice(0, i)]) {
        if (atob(btoa(text)) !== text || atob(btoa(text).replace(/=+$/, '')) !== text) {
            console.log('differs', i, text);
        }
    }
}

/* Every single character in place of a digit. */
let digits = '';
for (let i = 0; i < 300; i++) {
    try {
        atob('AB' + String.fromCharCode(i) + 'D');
        digits += String.fromCharCode(i);
    } catch (error) {
        if (error.name !== 'InvalidCharacterError' || error.code !== 5) {
            console.log(i, error.name);
        }
    }
}
console.log(digits);

/* Padding, blanks, bits left over. */
for (const text of [
    '', ' ', '\t\n\f\r ', 'a', 'a=', 'a==', 'a===', 'ab', 'ab=', 'ab==', 'ab===', 'ab====', 'abc',
    'abc=', 'abc==', 'abcd', 'abcd=', 'abcd==', 'abcd===', 'abcd====', 'abcde', 'abcde=', 'abcdef==',
    '=', '==', '===', '====', '=====', 'a=b', 'ab=c', 'ab=cd', 'a=bc', '=abc', 'ab==cd', 'ab=c=',
    ' a b = = ', 'a\tb\nc\fd\r', 'ab\u00a0cd', 'ab\vcd', 'ab\0cd', '\0', 'A-B_', 'A+B/', 'ab\u2003',
    '////', 'ab==\n', 'ab= =', '/A', '//A', '///A', 'YQ', 'YR', 'YZ', 'YWI', 'YWJ', '\ud800', 'é',
]) {
    show(() => Array.from(atob(text), (c) => c.charCodeAt(0)));
}

/* Arguments are strings after their conversion. */
show(() => btoa(null));
show(() => btoa(undefined));
show(() => btoa(12.5));
show(() => btoa({ toString: () => 'object' }));
show(() => atob(null));
show(() => atob({ toString: () => 'YQ==' }));
show(() => atob(12));
show(() => atob(undefined));
show(() => atob('YQ==', 'more'));
for (const text of ['\u0100', 'abc\u0100', '\ud83d\ude00', '\ud800', '€']) {
    show(() => btoa(text));
}
for (const f of [() => atob(), () => btoa(), () => atob(Symbol()), () => btoa(Symbol())]) {
    try {
        f();
    } catch (error) {
        console.log(error.constructor === TypeError);
    }
}
const thrown = {};
for (const f of [atob, btoa]) {
    try {
        f({ toString() { throw thrown; } });
    } catch (error) {
        console.log(error === thrown);
    }
    const { writable, enumerable, configurable } =
        Object.getOwnPropertyDescriptor(globalThis, f.name);
    console.log(f.name, f.length, writable, enumerable, configurable);
}

/* Long text. */
const long = all.repeat(4096);
console.log(btoa(long).length, atob(btoa(long)) === long);

// What is wrong is told in the same words.
for (const text of ['*', 'a', 'ab=', 'a===', '=', 'abcde', 'abcde===', 'ab==c', '\u00e9', 'a b c d=']) {
    try {
        console.log(JSON.stringify(text), atob(text));
    } catch (error) {
        console.log(JSON.stringify(text), error.message);
    }
}
