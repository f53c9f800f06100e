/* What library files need of the process: a place for three functions, which the process file
 * installs at start, so that no script can stand between. Until then the process object is asked. */
const { ReflectApply } = primordials;

const hooks = { __proto__: null, cwd: undefined, emitWarning: undefined, nextTick: undefined };

function call(name, args) {
    const hook = hooks[name];
    if (hook !== undefined) {
        return ReflectApply(hook, undefined, args);
    }
    const process = require('process');
    return ReflectApply(process[name], process, args);
}

return {
    __proto__: null,
    cwd: () => call('cwd', []),
    emitWarning: (...args) => call('emitWarning', args),
    nextTick: (...args) => call('nextTick', args),
    /* Functions of the same names, called without a receiver. */
    install(functions) {
        hooks.cwd = functions.cwd;
        hooks.emitWarning = functions.emitWarning;
        hooks.nextTick = functions.nextTick;
    },
};
