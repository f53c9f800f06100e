// F1 Buffer: its names, their attributes and lengths, on constructor, prototype and module.
const buffer = require('node:buffer');

function flags(property) {
    return (property.writable ? 'W' : '') + (property.enumerable ? 'E' : '') + (property.configurable ? 'C' : '');
}

function list(title, object, skip = []) {
    for (const key of Reflect.ownKeys(object).sort((a, b) => (String(a) < String(b) ? -1 : 1))) {
        if (skip.includes(key) || String(key) === 'Symbol(kIsEncodingSymbol)') continue;
        const property = Object.getOwnPropertyDescriptor(object, key);
        const { value } = property;
        const kind = property.get ? 'getter ' + (property.set ? 'and setter ' : '') + property.get.length
            : typeof value === 'function' ? 'function ' + value.length : typeof value;
        console.log(title, String(key), flags(property), kind);
    }
}

list('Buffer', Buffer);
list('prototype', Buffer.prototype);
list('species', Buffer[Symbol.species]);
list('module', buffer, ['Blob', 'File', 'resolveObjectURL']);
list('constants', buffer.constants);
list('instance', Buffer.alloc(1));
console.log(buffer.atob === atob, buffer.btoa === btoa);
console.log(buffer.Buffer === Buffer, require('buffer') === buffer, Buffer.name, Buffer[Symbol.species].name, buffer.SlowBuffer.name);
console.log(Object.getPrototypeOf(Buffer) === Uint8Array, Object.getPrototypeOf(Buffer.prototype) === Uint8Array.prototype);
console.log(Buffer.prototype.constructor === Buffer, Buffer[Symbol.species].prototype === Buffer.prototype);
console.log(Buffer.prototype.toLocaleString === Buffer.prototype.toString,
    Buffer.prototype[Symbol.for('nodejs.util.inspect.custom')] === Buffer.prototype.inspect);
console.log(buffer.kMaxLength, buffer.kStringMaxLength, buffer.constants);
console.log(Object.prototype.toString.call(Buffer.alloc(0)), Buffer.alloc(1).length, Buffer.BYTES_PER_ELEMENT);
const global = Object.getOwnPropertyDescriptor(globalThis, 'Buffer');
console.log('global', global.enumerable, global.configurable, typeof globalThis.Buffer);
