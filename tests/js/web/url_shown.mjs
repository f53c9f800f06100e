// F10 how the console shows URLs and their parameters
import util from 'node:util';
const url = new URL('http://u:p@h:81/p?q=1&r=2#f');
class Mine extends URL {}
console.log(url, [url], url.searchParams, new URLSearchParams(), util.inspect(url, { depth: 0 }));
console.log(util.inspect(url.searchParams, { depth: 0 }), util.inspect({ p: url.searchParams }, { depth: 0 }));
console.log(new URLSearchParams(`a=1&${'b'.repeat(40)}=${'2'.repeat(30)}&c=3`), [new URLSearchParams("it's=1")]);
console.log(new Mine('a:b'), URLSearchParams, util.inspect(new URLSearchParams('a=1'), { colors: true }));
const deep = { a: { b: { c: url, d: new Mine('a:b'), e: Object.assign(new URL('a:b'), { own: 1 }), f: url.searchParams } } };
console.log(deep, [[[url]]]);
