// A proxy shows its target; no trap ever runs.
const trap = new Proxy({}, { get() { throw new Error('a trap ran'); } });
const list = [new Proxy({ a: 1 }, trap), new Proxy([1, 2], trap), new Proxy(function f() {}, trap), new Proxy(class K {}, trap),
    new Proxy(new Map([[1, 2]]), trap), new Proxy(new Proxy({ b: { c: 1 } }, {}), {}), new Proxy(new Date(0), trap)];
for (const proxy of list) {
    console.log(proxy, [proxy], { proxy });
}
for (const depth of [0, 1, 2]) {
    console.dir(new Proxy({ a: new Proxy({ b: 1 }, {}) }, { x: 1 }), { showProxy: true, depth });
    console.dir([new Proxy([5, 6], {})], { showProxy: true, depth });
}
const revocable = Proxy.revocable({ a: 1 }, {});
revocable.revoke();
console.log([revocable.proxy], Object.create(null));
console.log('%s %o', new Proxy({ a: 1 }, trap), new Proxy([5], {}));
