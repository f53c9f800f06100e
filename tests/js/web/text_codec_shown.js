// F10 how text encoders and decoders show
const { inspect } = require('node:util');
console.log(new TextEncoder(), new TextDecoder());
console.log(new TextDecoder('utf-16le', { fatal: true, ignoreBOM: true }));
console.log([new TextDecoder()], { a: { b: { c: new TextDecoder(), e: new TextEncoder() } } });
console.log({ a: { b: new TextDecoder() } }, [[[[new TextDecoder()]]]]);
console.log([new TextDecoder(), new TextEncoder(), new TextDecoder()]);
class Sub extends TextDecoder {}
console.log(new Sub(), new (class extends TextEncoder {})());
console.log(inspect(new TextDecoder(), { depth: -1 }), TextEncoder, TextDecoder, Sub);
console.log(TextEncoder.prototype, TextDecoder.prototype);
