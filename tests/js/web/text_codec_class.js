// F2 TextEncoder and TextDecoder: receivers, no new, subclasses, odd new.target; their attributes
'use strict';
const attempt = (f) => {
    try {
        return f();
    } catch (error) {
        return error.constructor.name + ' ' + error.code;
    }
};
const flags = ({ writable, enumerable, configurable }) =>
    (writable ? 'W' : '') + (enumerable ? 'E' : '') + (configurable ? 'C' : '');

for (const type of [TextEncoder, TextDecoder]) {
    console.log(type.name, type.length, attempt(() => type()), Object.keys(type),
        Object.getOwnPropertyNames(type).sort().join(), Reflect.ownKeys(new type()).length,
        flags(Object.getOwnPropertyDescriptor(globalThis, type.name)),
        flags(Object.getOwnPropertyDescriptor(type, 'prototype')),
        flags(Object.getOwnPropertyDescriptor(type.prototype, 'constructor')),
        flags(Object.getOwnPropertyDescriptor(type.prototype, Symbol.toStringTag)),
        Reflect.ownKeys(type.prototype).map(String).sort().join());
    for (const key in type.prototype) {
        const descriptor = Object.getOwnPropertyDescriptor(type.prototype, key);
        const { value, get, set } = descriptor;
        console.log(key, (value ?? get).name, (value ?? get).length, set, flags(descriptor));
        for (const receiver of [{}, type.prototype, undefined, null, 5, Object.create(new type())]) {
            console.log(attempt(() => (value ?? get).call(receiver)));
        }
    }
    class Sub extends type {}
    console.log(new Sub() instanceof type, new Sub().encoding, Object.keys(new Sub()).length);
    const made = Reflect.construct(type, [], Array);
    console.log(Array.isArray(made), made instanceof Array, attempt(() => made.encoding),
        Object.getOwnPropertyDescriptor(type.prototype, 'encoding').get.call(made));
    console.log(Object.prototype.toString.call(new type()));
    const odd = function () {}.bind();
    Object.defineProperty(odd, 'prototype', { value: 5 });
    console.log(Object.getPrototypeOf(Reflect.construct(type, [], odd)) === type.prototype);
}

/* Web IDL's conversions, and no encoding but the three. */
const encoder = new TextEncoder();
console.log(encoder.encodeInto(12, new Uint8Array(5)), encoder.encodeInto(null, new Uint8Array(3)));
console.log(attempt(() => new TextDecoder().decode(new Uint8Array(1), 5)),
    attempt(() => new TextDecoder().decode(5, 5)));
for (const label of ['latin1', 'ascii', 'windows-1252', 'iso-8859-1', 'shift_jis', 'gbk']) {
    console.log(attempt(() => new TextDecoder(label)));
}

/* What getters and conversions do in between. */
const order = [];
attempt(() => new TextDecoder({ toString() { order.push('label'); return 'none'; } }, {
    get ignoreBOM() { order.push('ignoreBOM'); }, get fatal() { order.push('fatal'); },
}));
console.log(order.join());
const bytes = new Uint8Array([0x61, 0x62, 0x63]);
console.log(new TextDecoder().decode(bytes, { get stream() { bytes.buffer.transfer(); } }) === '');
const resizable = new ArrayBuffer(4, { maxByteLength: 8 });
const tracking = new Uint8Array(resizable).fill(0x61);
const fixed = new Uint8Array(resizable, 2, 2);
resizable.resize(8);
console.log(JSON.stringify(new TextDecoder().decode(tracking)), new TextDecoder().decode(fixed));
console.log(encoder.encodeInto('bcdefghijk', tracking), tracking.join());
resizable.resize(3);
console.log(new TextDecoder().decode(tracking), new TextDecoder().decode(fixed) === '',
    new TextDecoder().decode(resizable), encoder.encodeInto('x', fixed));
