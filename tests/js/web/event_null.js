// F3 null callback, missing arguments, options that are no objects
const attempt = (what) => {
    try {
        console.log(what());
    } catch (error) {
        console.log(error.name, error.code);
    }
};
const target = new EventTarget();
let count = 0;
const listener = () => count++;
attempt(() => target.addEventListener('x', null));
attempt(() => target.addEventListener('x', undefined, { once: true }));
attempt(() => target.removeEventListener('x', null));
attempt(() => target.dispatchEvent(new Event('x')));
attempt(() => target.addEventListener());
attempt(() => target.addEventListener('x'));
attempt(() => target.removeEventListener('x'));
attempt(() => target.dispatchEvent());
for (const wrong of [1, 'f', true, Symbol('s'), 1n]) {
    attempt(() => target.addEventListener('x', wrong));
    attempt(() => target.removeEventListener('x', wrong));
}
for (const wrong of [null, undefined, {}, 1, 'x', EventTarget]) {
    attempt(() => target.dispatchEvent(wrong));
}
attempt(() => target.addEventListener(Symbol('s'), listener));
attempt(() => new Event(Symbol('s')));
attempt(() => new Event());
attempt(() => new Event('x', 1));
attempt(() => new Event('x', null).type);
attempt(() => new CustomEvent('x', undefined).detail);
attempt(() => new CustomEvent('x', { detail: undefined }).detail);
attempt(() => new CustomEvent('x', { detail: 0 }).detail);
// What converts the options throws before a listener is there.
attempt(() => target.addEventListener('x', listener, {
    get signal() {
        throw new RangeError('signal');
    },
}));
attempt(() => target.dispatchEvent(new Event('x')));
attempt(() => target.addEventListener('x', null, { signal: null }));
attempt(() => target.addEventListener('x', listener, undefined));
attempt(() => target.addEventListener('x', listener, null));
attempt(() => target.addEventListener('x', listener, 0));
attempt(() => target.addEventListener('x', listener, ''));
attempt(() => target.addEventListener('x', listener, function options() {}));
attempt(() => target.dispatchEvent(new Event('x')));
console.log(count);
// Members of the dictionaries are read in their order; a bad type comes first.
const log = [];
const reader = new Proxy({}, { get: (_, name) => void log.push(String(name)) });
new CustomEvent({ toString: () => (log.push('type'), 'x') }, reader);
console.log(log.join());
