// Groups, counters, assertions, the object itself. What goes to stderr is not compared here.
const { log } = console;
log('detached');
[1, 2].forEach(console.log);
console.info('info %d', 1);
console.debug('debug', { a: 1 });
console.dirxml({ a: 1 }, [2]);
console.dir('text');
console.dir();
console.dir({ a: { b: { c: { d: 1 } } } }, { depth: 0 });
console.dir({ a: 1 }, { colors: true });
console.group('A', 'group %s', 'x');
console.log('in A\nsecond line');
console.groupCollapsed();
console.log({ a: 'x'.repeat(30), b: 'y'.repeat(30), c: 'zzz' });
console.count();
console.groupEnd();
console.log('back in A');
console.groupEnd();
console.groupEnd();
console.log('outside');
console.count();
console.count('x');
console.count('x');
console.countReset('x');
console.count('x');
console.count(undefined);
console.count(null);
console.count({});
console.count('__proto__');
console.count('__proto__');
for (const label of [Symbol('s')]) {
    for (const method of ['count', 'time', 'timeEnd', 'countReset']) {
        try {
            console[method](label);
        } catch (e) {
            console.log(method, e.name);
        }
    }
}
console.assert(true, 'not shown');
console.assert(1);
console.clear();
console.log('lone \ud800', '\ud83d\ude00', '\ud83d' + '\ude00');
console.log('%s%s', '\ud83d', '\ude00');
console.log(Object.prototype.toString.call(console), console[Symbol.toStringTag]);
const global = Object.getOwnPropertyDescriptor(globalThis, 'console');
console.log(global.enumerable, global.configurable);
for (const name of ['log', 'info', 'debug', 'dir', 'dirxml', 'table', 'group', 'groupCollapsed', 'groupEnd', 'count',
    'countReset', 'time', 'timeLog', 'timeEnd', 'warn', 'error', 'trace', 'assert', 'clear']) {
    const { writable, enumerable, configurable, value } = Object.getOwnPropertyDescriptor(console, name);
    console.log(name, writable, enumerable, configurable, typeof value);
}
const namespace = Object.getPrototypeOf(console);
console.log(Reflect.ownKeys(namespace), Object.getPrototypeOf(namespace) === Object.prototype, Object.prototype.toString.call(console));
