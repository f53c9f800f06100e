/* node:timers: the global functions, and `promises`. */
const { ObjectDefineProperty } = primordials;
const {
    setTimeout, clearTimeout, setInterval, clearInterval, setImmediate, clearImmediate,
} = binding('timers');

const timers = {
    setTimeout, clearTimeout, setImmediate, clearImmediate, setInterval, clearInterval,
};
ObjectDefineProperty(timers, 'promises', {
    __proto__: null,
    get: () => require('timers/promises'),
    enumerable: true,
    configurable: true,
});
return timers;
