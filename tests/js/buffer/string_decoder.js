// node:string_decoder: names, arguments, and pieces in every encoding, cut anywhere.
const stringDecoder = require('node:string_decoder');
const { StringDecoder } = stringDecoder;
const { below, pick } = require('./random.cjs');

function units(text) {
    const all = [];
    for (let i = 0; i < text.length; i++) all.push(text.charCodeAt(i).toString(16));
    return all.join();
}

const flags = ({ writable, enumerable, configurable }) => `${writable} ${enumerable} ${configurable}`;
for (const key of Reflect.ownKeys(StringDecoder.prototype)) {
    const property = Object.getOwnPropertyDescriptor(StringDecoder.prototype, key);
    console.log(String(key), property.get ? 'getter' : typeof property.value, flags(property), property.value?.length);
}
console.log(Object.getOwnPropertyNames(stringDecoder), StringDecoder.length, StringDecoder.name, Object.keys(new StringDecoder('hex')));
console.log(require('string_decoder') === stringDecoder, require('module').builtinModules.includes('string_decoder'));

for (const fn of [
    () => new StringDecoder('UCS2').encoding,
    () => new StringDecoder('binary').encoding,
    () => new StringDecoder('nope'),
    () => new StringDecoder(5),
    () => new StringDecoder(null).encoding,
    () => new StringDecoder('').encoding,
    () => new StringDecoder({toString(){return 'hex'}}),
    () => new StringDecoder().write(5),
    () => new StringDecoder().write('é'),
    () => new StringDecoder().write(),
    () => new StringDecoder().end(),
    () => new StringDecoder().end('x'),
    () => new StringDecoder().end(5),
    () => new StringDecoder().end(null),
    () => new StringDecoder().write(new Uint16Array([0x4141])),
    () => new StringDecoder().write(new DataView(new ArrayBuffer(2))),
    () => new StringDecoder().write(new ArrayBuffer(2)),
    () => { const o = {}; StringDecoder.call(o, 'utf8'); return Object.keys(o); },
    () => { const o = Object.create(StringDecoder.prototype); return o.write(Buffer.from('a')); },
    () => { const d = new StringDecoder(); d.write(Buffer.from([0xe2, 0x82])); return [d.lastNeed, d.lastTotal, d.lastChar]; },
    () => { const d = new StringDecoder(); d.write(Buffer.from([0xe2, 0x82])); d.end(); return [d.lastNeed, d.lastTotal, d.lastChar, d.write(Buffer.from([0xac]))]; },
    () => { const d = new StringDecoder('ucs2'); d.write(Buffer.from([0x3d, 0xd8, 0])); return [d.lastNeed, d.lastTotal, d.lastChar, d.end()]; },
    () => { const d = new StringDecoder('ucs2'); d.write(Buffer.from([0x3d])); return [d.lastNeed, d.lastTotal, d.lastChar, d.end()]; },
    () => { const d = new StringDecoder('ucs2'); d.write(Buffer.from([0x3d, 0xd8])); return [d.lastNeed, d.lastTotal, d.write(Buffer.from('a', 'ucs2')), d.end()]; },
    () => { const d = new StringDecoder('base64'); d.write(Buffer.from([0x3d, 0xd8])); return [d.lastNeed, d.lastTotal, d.lastChar, d.end()]; },
    () => { const d = new StringDecoder(); return d.text(Buffer.from('abcd'), 1); },
    () => { const d = new StringDecoder(); d.write(Buffer.from([0xe2])); return d.text(Buffer.from('abcd'), 1)+d.end(); },
    () => { const d = new StringDecoder('latin1'); return [d.write(Buffer.from([255, 200])), d.end(Buffer.from([65])), d.lastNeed]; },
    () => StringDecoder('utf8'),
]) {
    const text = String(fn).replace(/^\(\) => /, '');
    try {
        console.log(text, '=>', fn());
    } catch (error) {
        console.log(text, '!!', error.name, error.code, error.code ? error.message : '');
    }
}

const bytes = [
    0x41, 0x7F, 0x80, 0xBF, 0xC0, 0xC2, 0xE0, 0xE2, 0xED, 0xF0, 0xF4, 0xF5, 0xF8, 0xFF, 0xA0, 0x82, 0xAC, 0x9F, 0x98, 0x3D, 0xD8, 0xDC, 0xDE, 0,
];
for (const encoding of ['utf8', 'utf16le', 'base64', 'base64url', 'latin1', 'hex', 'ascii']) {
    for (let i = 0; i < (encoding.startsWith('utf') ? 100 : 12); i++) {
        const decoder = new StringDecoder(encoding);
        let line = encoding;
        for (let k = 0; k < 5; k++) {
            const piece = Buffer.from(Array.from({ length: below(5) }, () => pick(bytes)));
            line += ` ${piece.toString('hex')}>${units(decoder.write(piece))}(${decoder.lastNeed} ${decoder.lastTotal})`;
        }
        console.log(line, units(decoder.end()), decoder.lastNeed, decoder.lastTotal);
    }
}

/* Every cut of a text. */
const text = Buffer.from('a\u00E9\u20AC\u{1F600}z');
for (const encoding of ['utf8', 'utf16le', 'base64']) {
    const all = encoding === 'utf16le' ? Buffer.from(text.toString(), encoding) : text;
    let wrong = 0;
    for (let i = 0; i <= all.length; i++) {
        for (let k = i; k <= all.length; k++) {
            const decoder = new StringDecoder(encoding);
            const parts = decoder.write(all.subarray(0, i)) + decoder.write(all.subarray(i, k)) + decoder.end(all.subarray(k));
            wrong += parts !== all.toString(encoding);
        }
    }
    console.log(encoding, 'wrong', wrong);
}
