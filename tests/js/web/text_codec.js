// F11 codec: well-formed, truncated, overlong, surrogates, streamed byte by byte.
'use strict';
const hex = (text) => Array.from({ length: text.length }, (_, i) =>
    text.charCodeAt(i).toString(16)).join(' ');
const attempt = (f) => {
    try {
        return f();
    } catch (error) {
        return error.constructor.name + ' ' + error.code;
    }
};

/* The decoder of the standard, byte by byte, as a reference. */
function reference(bytes) {
    let text = '';
    let need = 0;
    let seen = 0;
    let point = 0;
    let low = 0x80;
    let high = 0xbf;
    let bad = false;
    const wrong = () => {
        text += '\ufffd';
        bad = true;
    };
    for (let i = 0; i < bytes.length; i++) {
        const byte = bytes[i];
        if (need === 0) {
            if (byte < 0x80) {
                text += String.fromCharCode(byte);
            } else if (byte >= 0xc2 && byte <= 0xf4) {
                need = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
                low = byte === 0xe0 ? 0xa0 : byte === 0xf0 ? 0x90 : 0x80;
                high = byte === 0xed ? 0x9f : byte === 0xf4 ? 0x8f : 0xbf;
                point = byte & (need === 1 ? 0x1f : need === 2 ? 0xf : 7);
            } else {
                wrong();
            }
        } else if (byte < low || byte > high) {
            need = seen = 0;
            low = 0x80;
            high = 0xbf;
            wrong();
            i--;
        } else {
            low = 0x80;
            high = 0xbf;
            point = point << 6 | (byte & 0x3f);
            if (++seen === need) {
                text += String.fromCodePoint(point);
                need = seen = 0;
            }
        }
    }
    if (need !== 0) {
        wrong();
    }
    return { text, bad };
}

function reference16(bytes, swap) {
    let text = '';
    let first = 0;
    for (let i = 0; i + 1 < bytes.length; i += 2) {
        const unit = swap ? bytes[i] << 8 | bytes[i + 1] : bytes[i + 1] << 8 | bytes[i];
        const last = unit >= 0xdc00 && unit <= 0xdfff;
        if (first !== 0) {
            text += last ? String.fromCharCode(first, unit) : '\ufffd';
        } else if (last) {
            text += '\ufffd';
        }
        const used = first !== 0 && last;
        first = unit >= 0xd800 && unit <= 0xdbff ? unit : 0;
        if (first === 0 && !last && !used) {
            text += String.fromCharCode(unit);
        }
    }
    return text + (first !== 0 || bytes.length % 2 !== 0 ? '\ufffd' : '');
}

function streamed(label, bytes, size) {
    const decoder = new TextDecoder(label, { ignoreBOM: true });
    let text = '';
    for (let i = 0; i < bytes.length; i += size) {
        text += decoder.decode(bytes.subarray(i, i + size), { stream: true });
    }
    return text + decoder.decode();
}

/* Texts of random bytes, drawn so that sequences and their damage are common. */
let state = 12345;
const random = (n) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return Math.floor(state / 65536) % n;
};
const interesting = [
    0x00, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbb, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1,
    0xec, 0xed, 0xee, 0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xff, 0xd8, 0xdc,
];
let differences = 0;
for (let round = 0; round < 3000; round++) {
    const bytes = Uint8Array.from({ length: random(12) }, () => interesting[random(28)]);
    const { text, bad } = reference(bytes);
    const fatal = attempt(() => new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
        .decode(bytes));
    const want = bad ? 'TypeError ERR_ENCODING_INVALID_ENCODED_DATA' : text;
    if (new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes) !== text || fatal !== want ||
        streamed('utf-8', bytes, 1) !== text || streamed('utf-8', bytes, 3) !== text) {
        differences++;
        console.log('differs', bytes, hex(text));
    }
    for (const label of ['utf-16le', 'utf-16be']) {
        const whole = new TextDecoder(label, { ignoreBOM: true }).decode(bytes);
        if (whole !== reference16(bytes, label === 'utf-16be') ||
            streamed(label, bytes, 1) !== whole || streamed(label, bytes, 5) !== whole) {
            differences++;
            console.log('differs', label, bytes, hex(whole));
        }
    }
}
console.log(differences);

/* Every code point there and back. */
const encoder = new TextEncoder();
const into = new Uint8Array(4);
let wrong = 0;
for (let point = 0; point <= 0x10ffff; point += point < 0x900 || point > 0x10fff0 ? 1 : 61) {
    const text = String.fromCodePoint(point);
    const surrogate = point >= 0xd800 && point <= 0xdfff;
    const bytes = encoder.encode(text);
    const { read, written } = encoder.encodeInto(text, into);
    const back = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
    if (back !== (surrogate ? '\ufffd' : text) || read !== text.length ||
        written !== bytes.length || into.subarray(0, written).join() !== bytes.join()) {
        wrong++;
    }
}
console.log(wrong);

/* UTF-16 by hand. */
for (const label of ['utf-16le', 'utf-16be']) {
    const swap = label === 'utf-16be';
    for (const units of [
        [], [0x41], [0xd83d, 0xde00], [0xd83d], [0xde00], [0xd83d, 0x41], [0xde00, 0xd83d],
        [0xd83d, 0xd83d, 0xde00], [0xfeff, 0x41], [0xfffe, 0x41], [0x41, 0xfeff], [0xfeff, 0xfeff],
    ]) {
        const bytes = new Uint8Array(units.length * 2);
        units.forEach((unit, i) => new DataView(bytes.buffer).setUint16(i * 2, unit, !swap));
        console.log(label, hex(new TextDecoder(label).decode(bytes)), '|',
            attempt(() => hex(new TextDecoder(label, { fatal: true }).decode(bytes))), '|',
            hex(new TextDecoder(label, { ignoreBOM: true }).decode(bytes)));
    }
    console.log(hex(new TextDecoder(label).decode(new Uint8Array([0x41, 0x42, 0x43]))),
        attempt(() => new TextDecoder(label, { fatal: true }).decode(new Uint8Array([1]))));
}

/* The byte-order mark: first of a stream only, in pieces too, again after the stream's end. */
const mark = [0xef, 0xbb, 0xbf];
const decoder = new TextDecoder();
console.log(hex(decoder.decode(new Uint8Array([...mark, ...mark, 0x41]))));
console.log(hex(decoder.decode(new Uint8Array(mark))));
for (const byte of [...mark, ...mark]) {
    console.log(hex(decoder.decode(new Uint8Array([byte]), { stream: true })));
}
console.log(hex(decoder.decode(new Uint8Array(mark))));
console.log(hex(decoder.decode(new Uint8Array(mark))));
console.log(hex(decoder.decode(new Uint8Array([0xef, 0xbb]))));
console.log(hex(decoder.decode(new Uint8Array([]), { stream: true })),
    hex(decoder.decode(new Uint8Array(mark), { stream: true })), hex(decoder.decode()));

/* What an open stream keeps: given up at its end. */
console.log(hex(decoder.decode(new Uint8Array([0xf0, 0x9f]), { stream: true })));
console.log(hex(decoder.decode(undefined, { stream: true })));
console.log(hex(decoder.decode(new Uint8Array([0x98]), { stream: true })));
console.log(hex(decoder.decode(new Uint8Array([0x80, 0xe2]))));
console.log(hex(decoder.decode()));
const fatal = new TextDecoder('utf-8', { fatal: true });
console.log(hex(fatal.decode(new Uint8Array([0xe2, 0x82]), { stream: true })));
console.log(attempt(() => fatal.decode()));
console.log(hex(fatal.decode(new Uint8Array([0x41]))));
console.log(attempt(() => fatal.decode(new Uint8Array([0xff, 0xe2, 0x82]), { stream: true })));
console.log(attempt(() => hex(fatal.decode(new Uint8Array([0x42])))));

/* Sources. */
const buffer = new ArrayBuffer(8);
new Uint8Array(buffer).set([0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68]);
for (const source of [
    buffer, new Uint8Array(buffer, 2, 3), new Int8Array(buffer, 7), new DataView(buffer, 1, 2),
    new Uint16Array(buffer, 2, 1), new Float64Array(buffer), new BigInt64Array(buffer, 0, 1),
    new Uint8ClampedArray(buffer, 3), new Uint8Array(0), undefined,
]) {
    console.log(decoder.decode(source));
}
const shared = new SharedArrayBuffer(4);
new Uint8Array(shared).set([0x61, 0x62, 0x63, 0x64]);
console.log(decoder.decode(shared), decoder.decode(new Uint8Array(shared, 1)));
for (const source of [null, 5, 'text', {}, [], [65], () => {}, Symbol()]) {
    console.log(attempt(() => decoder.decode(source)));
}

/* encode and encodeInto. */
console.log(encoder.encode(), encoder.encode(undefined), encoder.encode(''), encoder.encode(null));
console.log(encoder.encode('a\ud800b\udc00\ud83d\ude00\0é€'));
console.log(encoder.encode({ toString: () => 'x' }), encoder.encode(1.5));
const text = 'aé€\ud83d\ude00\ud800z';
for (let room = 0; room <= 16; room++) {
    const target = new Uint8Array(room + 2).fill(7);
    const counts = encoder.encodeInto(text, target.subarray(1, room + 1));
    console.log(counts, target.join());
}
console.log(Object.keys(encoder.encodeInto('', new Uint8Array())));
for (const target of [
    undefined, null, 5, {}, [], new ArrayBuffer(4), new DataView(buffer), new Int8Array(4),
    new Uint8ClampedArray(4), new Uint16Array(4),
]) {
    console.log(attempt(() => encoder.encodeInto('a', target)));
}
console.log(encoder.encodeInto('ab', new Uint8Array(shared)), new Uint8Array(shared).join());

/* Labels: case and blanks around do not count. */
for (const label of [
    'unicode-1-1-utf-8', 'unicode11utf8', 'unicode20utf8', 'utf-8', 'utf8', 'x-unicode20utf8',
    'unicodefffe', 'utf-16be', 'csunicode', 'iso-10646-ucs-2', 'ucs-2', 'unicode', 'unicodefeff',
    'utf-16', 'utf-16le', 'UTF-8', 'Utf8', ' utf-8', '\t\n\f\rutf-8 \n', 'UTF-16', undefined,
]) {
    console.log(new TextDecoder(label).encoding);
}
for (const label of [
    '', ' ', 'utf', 'utf-', 'utf-80', 'utf-8\0', '\vutf-8', '\u00a0utf-8', 'utf\u20118', 'utf-32',
    null, 8, 'ﬀ', 'ſ', 'utf-8 x', 'utf-7', 'replacement', 'iso-10646-ucs-4',
]) {
    console.log(attempt(() => new TextDecoder(label).encoding));
}
console.log(attempt(() => new TextDecoder(Symbol())), attempt(() => new TextDecoder('utf-8', 1)));

/* Options. */
for (const options of [
    undefined, null, {}, { fatal: true }, { ignoreBOM: 1 }, { fatal: '', ignoreBOM: {} },
    { fatal: undefined }, Object.create({ fatal: true }), () => {},
]) {
    const made = new TextDecoder('utf-8', options);
    console.log(made.fatal, made.ignoreBOM);
}

console.log(require('node:util').TextDecoder === TextDecoder,
    require('util').TextEncoder === TextEncoder);
