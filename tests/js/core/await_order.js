// C2 await, then, thenable, nested promises: job counts of ECMA-262
// Job counts of await, then, thenables, nested promises, as ECMA-262 says.
const log = [];
const thenable = { then(resolve) { log.push('then called'); resolve('thenable'); } };

async function plain() { log.push('plain 1'); await null; log.push('plain 2'); await null; log.push('plain 3'); }
async function returns() { return Promise.resolve('returned'); }
async function awaitsThenable() { log.push(await thenable); }
async function* generator() { yield 1; yield Promise.resolve(2); log.push('generator end'); }

plain();
returns().then((x) => log.push(x));
awaitsThenable();
(async () => { for await (const x of generator()) log.push(`item ${x}`); log.push('loop end'); })();
new Promise((resolve) => resolve(Promise.resolve('nested'))).then((x) => log.push(x));
Promise.resolve(thenable).then((x) => log.push(`resolved ${x}`));
let chain = Promise.resolve();
for (let i = 1; i <= 20; i++) {
    chain = chain.then(() => log.push(`step ${i}`));
}
for (let i = 1; i <= 3; i++) {
    queueMicrotask(() => { log.push(`micro ${i}`); queueMicrotask(() => log.push(`micro ${i} again`)); });
}
Promise.reject(new Error('x')).finally(() => log.push('finally')).catch((e) => log.push(`caught ${e.message}`));
Promise.all([1, Promise.resolve(2), thenable]).then((x) => log.push(`all ${x}`));
Promise.race([new Promise(() => {}), Promise.resolve('winner')]).then((x) => log.push(x));
Promise.allSettled([Promise.reject(1), 2]).then((x) => log.push(JSON.stringify(x)));
Promise.any([Promise.reject(1), Promise.resolve(2)]).then((x) => log.push(`any ${x}`));
process.nextTick(() => log.push('tick'));
setTimeout(() => console.log(log.join('\n')), 5);
