// E9 once, duplicates, change during emit, meta events, error
// The emitter side of process.
const log = (...x) => console.log(...x);
process.on('newListener', (name) => { if (name !== 'x') return; log('new', String(name), process.listenerCount(name)); });
process.on('removeListener', (name) => log('removed', String(name), process.listenerCount(name)));
const f = (...args) => log('f', ...args);
process.on('x', f).addListener('x', f).once('x', (a) => log('once', a)).prependListener('x', () => log('first'));
log(process.emit('x', 1, 2), process.emit('x', 3), process.emit('nobody'));
process.off('x', f);
log(process.listenerCount('x'), process.listeners('x').length, process.rawListeners('x').length, process.eventNames().includes('x'));
process.on('grow', () => { log('grow'); process.on('grow', () => log('grown')); });
process.emit('grow');
process.emit('grow');
try { process.emit('error', new TypeError('given')); } catch (error) { log(error.name, error.message); }
try { process.emit('error', 5); } catch (error) { log(error.name, error.code); }
log(process.getMaxListeners(), process.setMaxListeners(1) === process, process.getMaxListeners());
for (const bad of [1, null, {}, undefined]) { try { process.on('x', bad); } catch (error) { log(error.code); } }
process.removeAllListeners('removeListener');
process.removeAllListeners('x');
log(process.emit('x'));
process.setMaxListeners(10);
process.removeAllListeners('warning');
process.on('warning', (w) => log(w.name, w.count, String(w.type)));
for (let i = 0; i < 12; i++) process.on('many', () => {});
