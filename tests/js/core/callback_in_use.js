// D7 clear self, twice: the callback and its arguments stay whole until it has returned.
'use strict';
const log = (...args) => console.log(...args);

// A native callback that gets what the handle holds; clearing gives all of it up.
function cleared(kind, set, clear) {
    const handle = set(Reflect.apply, 1, function (...args) {
        clear(handle);
        clear(handle);
        let filler = '';
        for (let i = 0; i < 100; i++)
            filler += { i }.i;
        log(kind, this.name, args.join('-'), filler.length);
    }, { name: 'this of ' + kind }, ['a', 'b' + kind, 'c']);
}
cleared('timeout', setTimeout, clearTimeout);
cleared('interval', setInterval, clearInterval);
cleared('interval by clearTimeout', setInterval, clearTimeout);

// An interval that a bound callback clears through its own argument.
const holder = {};
holder.timer = setInterval(function (first, second) {
    clearInterval(this.timer);
    log('bound', first, second.value);
    immediates();
}.bind(holder, 'given'), 1, { value: 'kept' });

// The same for immediates, where clearing in the callback does nothing.
function immediates() {
    const immediate = setImmediate(Reflect.apply, function (value) {
        clearImmediate(immediate);
        log('immediate', value, immediate.hasRef());
    }, null, ['x']);
}

// Ticks with any number of arguments, which are read in the call and afterwards.
for (const count of [0, 1, 2, 7, 8, 9, 10, 40]) {
    process.nextTick(function () {
        log('tick', arguments.length, [...arguments].join(' '));
    }, ...Array.from({ length: count }, (_, i) => 'v' + i));
}
