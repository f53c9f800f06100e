// M4 import.meta; percent-encoded path
import meta, { inner } from './meta dir/in%20ner %23[1].mjs';
const tail = (text) => text.slice(text.indexOf('/modules/'));
console.log(Object.getPrototypeOf(import.meta), typeof import.meta.resolve, import.meta.resolve.name, import.meta.resolve.length);
console.log(tail(import.meta.url), tail(import.meta.filename), tail(import.meta.dirname + '/'));
console.log(tail(inner.url), tail(inner.filename), tail(inner.dirname + '/'), meta);
console.log(tail(import.meta.resolve('./x/../y.mjs?q#f')), import.meta.resolve('fs'), import.meta.resolve('node:path'));
console.log(import.meta === import.meta, Object.isExtensible(import.meta));
