// Buffer(…) and new Buffer(…): as alloc and from, with one warning; also for subclasses.
for (const args of [[3], ['abc'], ['616263', 'hex'], [[1, 2]], [new ArrayBuffer(4), 1, 2], [Buffer.from('x')], [0]]) {
    console.log(Buffer(...args), new Buffer(...args));
}
class Sub extends Buffer {
    constructor(...args) {
        super(...args);
        this.own = true;
    }
}
console.log(new Sub(2), new Sub('a').constructor === Buffer);
function Old(size) {
    return Buffer.call(this, size);
}
console.log(Old(2), Reflect.construct(Buffer, [2], Sub) instanceof Sub, new Buffer[Symbol.species](2), new Buffer[Symbol.species]([1]).buffer.byteLength);
for (const make of [() => Buffer(3, 'utf8'), () => new Buffer(-1), () => Buffer(), () => new Buffer(null), () => new Buffer(1e20), () => Buffer[Symbol.species](1), () => Buffer(Symbol())]) {
    try {
        console.log(make());
    } catch (error) {
        console.log(error.name, error.code, error.code && error.message);
    }
}
console.log(Uint8Array.from.call(Buffer, [1, 2]), Uint8Array.of.call(Buffer, 3));
