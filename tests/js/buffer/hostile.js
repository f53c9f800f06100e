// G5 Buffer: its own names changed, wrong receivers, memory that goes away while an argument is converted.
const real = Buffer;
const proto = real.prototype;

function poisoned() {
    throw new Error('reached');
}

/* Its own names gone or changed: instances are made as before. */
for (const name of ['from', 'alloc', 'allocUnsafe', 'isBuffer']) {
    const descriptor = Object.getOwnPropertyDescriptor(real, name);
    const own = real[name];
    real[name] = poisoned;
    console.log(name, name === 'isBuffer' ? own(real.alloc(1)) : own(name === 'from' ? 'abc' : 3).length);
    Object.defineProperty(real, name, descriptor);
}
real.prototype = {};
console.log(real.alloc(1).toString === proto.toString, real.from('a') instanceof real);
real.prototype = proto;
console.log(real.from('a') instanceof real);
class Mine extends Uint8Array {}
console.log(proto.slice.call(new Mine(4), 1).constructor.name, proto.utf8Slice.call(new Mine([104, 105])), proto.equals.call(new Mine(1), new Mine(1)));

/* Wrong receivers. */
let refused = 0, names = 0;
for (const name of Object.getOwnPropertyNames(proto)) {
    const { value, get } = Object.getOwnPropertyDescriptor(proto, name);
    if (name === 'constructor') continue;
    names++;
    for (const receiver of [undefined, null, 5, 'text', {}, proto, () => 1, new Proxy(real.alloc(8), {})]) {
        try {
            const result = (get ?? value).call(receiver, 1, 0, 1);
            if (get && result === undefined) refused++;
        } catch (error) {
            refused += error instanceof TypeError || error instanceof RangeError;
        }
    }
}
console.log(names > 90, refused >= names * 7);

/* Memory detached or shrunk while an argument is converted. */
function detaching(make) {
    const memory = new ArrayBuffer(16, { maxByteLength: 32 });
    const buffer = real.from(memory);
    const number = { valueOf: () => (memory.resize ? memory.resize(0) : 0, 3), toString: () => (memory.resize(0), 'utf8') };
    try {
        return String(make(buffer, number)).length;
    } catch (error) {
        return error.name;
    }
}
for (const make of [
    (b, n) => b.toString('latin1', n), (b, n) => b.toString(n, 0, 9), (b, n) => b.toString('utf8', 0, n), (b, n) => b.latin1Slice(n),
    (b, n) => b.latin1Write('abcdef', n), (b, n) => b.write('abc', 0, 4, n), (b, n) => b.fill(n), (b, n) => b.fill('ab', 0, 4, 'hex'),
    (b, n) => b.indexOf('a', n), (b, n) => b.indexOf(real.alloc(1), 0, n), (b, n) => b.lastIndexOf(0, n), (b, n) => b.copy(b, n),
    (b, n) => b.copy(real.alloc(4), 0, n), (b, n) => b.writeUInt32LE(n, 0), (b, n) => b.writeDoubleBE(n, 0), (b, n) => b.writeUInt8(n, 1),
    (b, n) => real.from([n, n]), (b, n) => real.from(b.buffer, n, 4), (b, n) => real.concat([b, b], 40),
    (b, n) => b.writeUIntBE(n, 0, 6), (b, n) => real.byteLength('abc', n), (b, n) => b.compare(b, 0, 3),
]) {
    detaching(make);
}
console.log('alive');

/* Detached memory has no bytes. */
const memory = new ArrayBuffer(8);
const buffer = real.from(memory);
memory.transfer();
console.log(buffer.length, JSON.stringify(buffer.toString()), buffer.indexOf('a'), buffer.equals(real.alloc(0)), buffer.write('a'));
try {
    buffer.readUInt8(0);
} catch (error) {
    console.log(error.code);
}

/* The pool detached, or its size made something odd. */
const pooled = real.allocUnsafe(4);
pooled.buffer.transfer();
console.log(real.from('still works').toString(), real.allocUnsafe(5).length);
for (const size of [NaN, -1, 'x', 1e9, { valueOf: poisoned }, 0, 8192]) {
    real.poolSize = size;
    console.log(real.from('abc').toString());
}

/* What is too large is refused before anything is made. */
for (const size of [2 ** 53, Infinity, 4294967297]) {
    try {
        real.alloc(size);
    } catch (error) {
        console.log(error.code);
    }
}
