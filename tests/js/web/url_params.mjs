// F2 URLSearchParams: lists, their order, the URL they belong to, bad arguments
const p = new URLSearchParams('a=1&b=2&a=3&%C3%A9=%ff&x+y=z%2B&&=&k');
console.log([...p], p.toString(), p.size, p.getAll('a'), p.get('nope'), p.has('a', '3'), p.has('a', '4'));
p.set('a', 'new'); p.delete('b'); p.append('é ', '𝄞~!*()\''); console.log(String(p)); p.sort(); console.log(String(p));
const s = new URLSearchParams('ﬃ=1&🌈=2&z=b&a=b&z=a&a=a'); s.sort(); console.log([...s.keys()]);
console.log(new URLSearchParams([['a', 'b'], ['c', 'd']]).toString(), new URLSearchParams({ a: 1, b: [2, 3] }).toString(), new URLSearchParams(new Map([['x', 'y']])).toString(), new URLSearchParams('?q').toString(), new URLSearchParams(p).toString());
console.log(new URLSearchParams({ '\uD835x': '1', xx: '2', '\uD83Dxx': '3' }).toString());
const u = new URL('http://example.org/?a=b#c'); const sp = u.searchParams; sp.append('x', 'y z'); console.log(u.href, sp === u.searchParams); u.search = '?new=1'; console.log([...sp]); sp.delete('new'); console.log(u.href); u.href = 'http://other/?q=1'; console.log([...sp]);
for (const [k, v] of new URLSearchParams('a=1&b=2&c=3')) console.log(k, v);
const q = new URLSearchParams('a=1&b=2&c=3'); for (const [k] of q) { q.delete(k); } console.log(String(q));
q.forEach(function (v, k, o) { console.log(v, k, o === q, this.t); }, { t: 1 });
console.log(Object.prototype.toString.call(u), JSON.stringify({ u }), String(u), u + '');
for (const f of [() => new URLSearchParams([[1]]), () => new URLSearchParams([1]), () => new URLSearchParams({ [Symbol.iterator]: 1 }), () => p.append('a'), () => p.delete(), () => p.forEach(1), () => URLSearchParams.prototype.get.call({}, 'a'), () => new URLSearchParams(Symbol()), () => new URL(), () => URL.canParse(), () => new URL('x', 'y'), () => new URL('/a'), () => (u.href = 'bad')]) try { console.log(f()); } catch (e) { console.log(e.name, e.code, e.input, e.base); }
console.log(URL.canParse('a:b'), URL.canParse('x'), URL.canParse('x', 'http://a'), URL.parse('x'), URL.parse('x', 'http://a/b/c').href);
class Sub extends URL { get y() { return 1; } } console.log(new Sub('http://a').y, new Sub('http://a') instanceof Sub);
