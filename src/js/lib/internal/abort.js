/* Waiting for the abort of a signal: one of ours without a look at what scripts made of its methods,
 * and, as in Node.js, anything that has `aborted` and behaves like one. */
const { AbortError } = require('internal/errors');
const native = binding('events');

const once = { __proto__: null, once: true };

/* Call listener(event) at abort, in its place among the listeners, even if the event was stopped; if
 * the signal has aborted, in a microtask. The result stops waiting. */
function onAbort(signal, listener) {
    if (signal.aborted) {
        native.queueMicrotask(() => listener());
        return () => {};
    }
    if (native.isAbortSignal(signal)) {
        native.listen(signal, listener);
        return () => native.unlisten(signal, listener);
    }
    signal.addEventListener('abort', listener, once);
    return () => signal.removeEventListener('abort', listener);
}

function abortErrorOf(signal) {
    return new AbortError(undefined, { __proto__: null, cause: signal.reason });
}

return { onAbort, abortErrorOf };
