// Without a listener of its own a rejection is an uncaught exception of that origin.
process.on('uncaughtException', (value, origin) => console.log(value instanceof Error, value.name, value.code, origin));
Promise.reject(new TypeError('t'));
for (const reason of [{}, [], Symbol('s'), () => 1, null, undefined, 1, Object.create(null), new Proxy({}, { get() { throw new Error('trap ran'); } })]) Promise.reject(reason);
