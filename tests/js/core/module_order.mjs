// The entry module is one task: ticks come before promise jobs, as after a script.
process.nextTick(() => console.log('tick'));
Promise.resolve().then(() => console.log('promise'));
queueMicrotask(() => console.log('microtask'));
console.log('module');
