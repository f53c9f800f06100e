// E9 the 11th listener of a name: one warning, for that name, whatever comes after
const warnings = [];
process.removeAllListeners('warning');
process.on('warning', (w) => warnings.push(`${w.name} ${String(w.type)} ${w.count} ${w.emitter === process}`));
const add = (name, n, method = 'on') => { for (let i = 0; i < n; i++) process[method](name, () => {}); };
add('ten', 10);
add('eleven', 11);
add('more', 15, 'prependListener');
add('once', 11, 'once');
const symbol = Symbol('s');
add(symbol, 11);
process.removeAllListeners('eleven');
add('eleven', 11);
process.setMaxListeners(0);
add('unbounded', 20);
process.setMaxListeners(1);
add('two', 2);
for (const n of [-1, NaN, '1', null, undefined]) {
    try { process.setMaxListeners(n); } catch (error) { console.log(String(n), error.name, error.code); }
}
console.log('not yet', warnings.length, process.listenerCount('more'));
setImmediate(() => console.log(warnings.map((w) => w.replace('Symbol(s)', 'symbol')).join('\n')));
// Meta events: newListener comes before the change, removeListener after it, also for once and for all.
process.setMaxListeners(50);
process.on('newListener', (name, fn) => { if (name === 'meta') console.log('new', fn.name, process.listenerCount('meta')); });
process.on('removeListener', (name, fn) => { if (name === 'meta') console.log('removed', fn.name, process.listenerCount('meta')); });
function a() { console.log('a'); }
function b() { console.log('b'); process.off('meta', c); process.on('meta', d); }
function c() { console.log('c, from the list as it stood'); }
function d() { console.log('d'); }
process.on('meta', a).once('meta', b).on('meta', c).on('meta', c);
console.log(process.emit('meta'), process.listeners('meta').map((f) => f.name).join(), process.rawListeners('meta').length);
console.log(process.emit('meta'));
process.once('meta', b);
console.log(process.rawListeners('meta').at(-1).listener === b, process.listeners('meta').at(-1) === b);
process.off('meta', b);
process.removeAllListeners('meta');
console.log(process.emit('meta'), process.eventNames().includes('meta'));
