// exit() where the engine turns an uncatchable error back into a rejection: nothing goes on.
const places = {
    executor: () => new Promise(() => process.exit(3)),
    thenGetter: () => Promise.resolve({ get then() { return process.exit(3); } }),
    thenable: () => Promise.resolve({ then() { process.exit(3); } }),
    iterator: () => Promise.all({ [Symbol.iterator]() { return process.exit(3); } }),
    asyncGenerator: async () => { for await (const x of (async function* () { process.exit(3); yield 1; })()) console.log(x); },
    reaction: () => Promise.resolve().then(() => process.exit(3)),
    microtask: () => queueMicrotask(() => process.exit(3)),
    tick: () => process.nextTick(() => process.exit(3)),
};
process.on('exit', (code) => console.log('exit', code));
const place = process.argv[2];
Promise.resolve(places[place]()).then(() => console.log('then'), () => console.log('rejected')).finally(() => console.log('finally'));
setTimeout(() => console.log('timer'), 0);
