// D1 wrong callbacks in five schedulers
// Wrong callbacks in the five schedulers: the code, and nothing made.
const schedulers = { setTimeout, setInterval, setImmediate, queueMicrotask, nextTick: process.nextTick };
for (const [name, schedule] of Object.entries(schedulers)) {
    for (const value of [undefined, null, 1, 'x', {}, [], Symbol('s'), true, 1n, /x/, new (class Foo {})()]) {
        try {
            schedule(value, 1);
            console.log(name, 'took it');
        } catch (error) {
            console.log(name, error.name, error.code, error.message);
        }
    }
}
