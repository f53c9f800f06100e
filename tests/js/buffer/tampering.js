// G1 G2 G5 Buffer: built-ins, globals and setters that a script changes reach nothing of ours.
const real = Buffer;

/* Built-ins that our own code could lean on. */
function poisoned() {
    throw new Error('reached');
}
const saved = [];
const pair = new Uint8Array([7, 8]);
for (const [object, names] of [
    [Array.prototype, ['push', 'join', 'map', 'slice', 'forEach', Symbol.iterator]],
    [Object.getPrototypeOf(Uint8Array.prototype), ['set', 'fill', 'subarray', 'slice', Symbol.iterator]],
    [String.prototype, ['charCodeAt', 'slice', 'replace', 'trim', 'toLowerCase', 'concat']],
    [RegExp.prototype, ['exec', Symbol.replace]],
    [Number, ['isInteger', 'isNaN']],
    [Math, ['min', 'max', 'floor', 'trunc']],
]) {
    for (const name of names) saved.push([object, name, Object.getOwnPropertyDescriptor(object, name)]);
}
for (const name of ['type', 'data', 'length', 'get', 'set', 'value', 'encoding', 'offset']) saved.push([Object.prototype, name, undefined]);
for (let i = 0; i < saved.length; i++) {
    const object = saved[i][0], name = saved[i][1];
    if (saved[i][2] !== undefined) object[name] = poisoned;
    else Object.defineProperty(object, name, { __proto__: null, set: poisoned, get: undefined, configurable: true });
}
const uint8 = globalThis.Uint8Array;
globalThis.Uint8Array = poisoned;
globalThis.Buffer = poisoned;
const text = [
    real.from('abc').toString('hex'), real.from([1, 2, 3]).inspect(), real.concat([real.from('a'), real.from('b')]).toString(),
    real.from('abcabc').lastIndexOf('bc'), real.alloc(3, 'xy').toString(), real.from('abc').slice(1).toString(), real.from('aGk', 'base64') + '',
    real.copyBytesFrom(pair, 1).inspect(), real.from({ valueOf: () => 'v' }).toString(), real.from(new ArrayBuffer(2)).inspect(),
];
const json = real.from('hi').toJSON();
globalThis.Uint8Array = uint8;
globalThis.Buffer = real;
for (let i = 0; i < saved.length; i++) {
    if (saved[i][2] === undefined) delete saved[i][0][saved[i][1]];
}
for (let i = 0; i < saved.length; i++) {
    if (saved[i][2] !== undefined) Object.defineProperty(saved[i][0], saved[i][1], saved[i][2]);
}
console.log(text.join(' | '), JSON.stringify(json));

