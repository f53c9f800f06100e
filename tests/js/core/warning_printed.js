// A warning is printed on stderr unless somebody took the listener away.
process.emitWarning('the text', { type: 'T', code: 'C1', detail: 'the detail' });
process.emitWarning('old', 'DeprecationWarning', 'DEP0');
console.log(process.listenerCount('warning'));
