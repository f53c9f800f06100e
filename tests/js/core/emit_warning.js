// E10 forms and wrong types
// emitWarning: forms and wrong types.
process.removeAllListeners('warning');
process.on('warning', (w) => console.log(w.name, '|', w.message, '|', w.code, '|', w.detail, '|', w instanceof Error));
process.emitWarning('text');
process.emitWarning('text', 'Type');
process.emitWarning('text', 'Type', 'CODE');
process.emitWarning('text', { type: 'Type', code: 'CODE', detail: 'more' });
process.emitWarning('text', {});
process.emitWarning('text', '');
process.emitWarning('text', function above() {});
process.emitWarning('text', 'Type', function above() {});
process.emitWarning(new TypeError('own'));
const mine = new Error('identity');
process.once('warning', () => {});
process.emitWarning(mine);
for (const args of [[1], [undefined], [null], [{}], ['x', 1], ['x', true], ['x', 'T', 1], ['x', { type: 1 }], ['x', null], ['x', []]]) {
    try { process.emitWarning(...args); console.log('took', args); } catch (error) { console.log(error.name, error.code, error.message); }
}
console.log('sync end');
