// The console writes through a `write` that a script puts on process.stdout or process.stderr, and
// through ours again when that is taken away.
'use strict';
const told = [];
const { write } = process.stdout;
process.stdout.write = function (text, ...rest) {
    told.push([text, this === process.stdout, rest.filter((one) => typeof one !== 'function')]);
    return true;
};
console.log('one', { a: 1 });
console.group('group');
console.info('two\nlines');
console.groupEnd();
console.table([1]);
process.stdout.write('direct');
process.stdout.write = () => {
    throw new Error('not told');
};
console.log('lost');
process.stdout.write = write;
console.log(told);

const errors = [];
process.stderr.write = (text) => errors.push(text);
console.error('to %s', 'stderr');
console.warn('warned');
delete process.stderr.write;
console.log(errors);

const original = process.stdout.write;
process.stdout.write = (text, ...rest) => original.call(process.stdout, text.toUpperCase(), ...rest);
console.log('changed on the way');
delete process.stdout.write;
