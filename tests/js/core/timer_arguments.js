// D4 arguments 0, 1, many; this
// Arguments and this.
setTimeout(function () { console.log(arguments.length, this === t0); }, 1);
const t0 = setTimeout(function (...args) {
    console.log(args.length, this === t0);
    next();
}, 1);

const parts = [
    () => setTimeout((...args) => { console.log(args.join()); next(); }, 1, 1),
    () => setTimeout((...args) => { console.log(args.join()); next(); }, 1, 1, 2, 3, 4, 5, 6, 7),
    () => { const i = setImmediate(function (...args) { console.log(args.join(), this === i); next(); }, 'a', 'b'); },
    () => setImmediate((...args) => { console.log(args.join()); next(); }, 1, 2, 3, 4, 5),
    () => {
        let n = 0;
        const interval = setInterval(function (a, b) {
            console.log(a, b, this === interval);
            if (++n === 2) { clearInterval(this); next(); }
        }, 1, 'x', 'y');
    },
    () => process.nextTick((...args) => { console.log('tick', args.join()); next(); }, 1, 2, 3, 4, 5, 6),
    () => process.nextTick(function () { 'use strict'; console.log(arguments.length); next(); }),
    () => queueMicrotask(function () { 'use strict'; console.log(this, arguments.length); }),
];
const next = () => parts.shift()?.();
