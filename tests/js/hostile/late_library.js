// G1 library files read after a script has changed the built-ins work as before
'use strict';
const log = console.log;
const { defineProperty } = Object;
for (const [object, names] of [
    [Array.prototype, ['join', 'indexOf', 'push', 'toSpliced', 'unshift', 'pop', 'shift']],
    [String.prototype, ['includes', 'endsWith', 'startsWith', 'slice', 'toLowerCase']],
    [RegExp.prototype, ['exec']],
    [Function.prototype, ['bind', 'call', 'apply']],
    [Error, ['captureStackTrace']],
    [Reflect, ['apply']],
    [Object, ['defineProperty', 'create', 'setPrototypeOf']],
]) {
    for (const name of names)
        defineProperty(object, name, { value: () => { throw 'replaced ' + name; } });
}

function show(label, run) {
    try {
        run();
        log(label, 'no error');
    } catch (error) {
        log(label, error instanceof TypeError, error instanceof RangeError, error.code,
            error.message);
    }
}

show('exitCode', () => { process.exitCode = 'x'; });
show('exitCode', () => { process.exitCode = 1.5; });
show('listener', () => { process.on('a', 1); });
show('hrtime', () => { process.hrtime([1]); });
show('chdir', () => { process.chdir(1); });
show('warning', () => { process.emitWarning(1); });
process.once('b', (...args) => log('once', args.length));
log(process.emit('b', 1, 2), process.emit('b'));
