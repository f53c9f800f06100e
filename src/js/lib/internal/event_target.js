/* The warning that an event target has got many listeners of one type. */
const { Error, String } = primordials;
const { define } = require('internal/errors');
const host = require('internal/host');

return function warnManyListeners(target, type, count, most) {
    const shown = binding('util').inspect(target, { __proto__: null, depth: -1 });
    const warning = new Error('Possible EventTarget memory leak detected. ' + String(count) + ' ' +
        type + ' listeners added to ' + shown + '. MaxListeners is ' + String(most) +
        '. Use events.setMaxListeners() to increase limit');
    define(warning, 'name', 'MaxListenersExceededWarning');
    define(warning, 'target', target);
    define(warning, 'type', type);
    define(warning, 'count', count);
    host.emitWarning(warning);
};
