// D6 clear before the first turn
const log = [];
const never = (name) => () => log.push(`${name} must not run`);
// What the script itself makes and clears, in the order made, the reverse, and from jobs of its own
// checkpoint: nothing has had a turn yet.
const made = [setTimeout(never('timeout'), 0), setInterval(never('interval'), 0), setTimeout(never('late'), 1)];
made.forEach(clearTimeout);
const immediates = [1, 2, 3].map((i) => setImmediate(never(`immediate ${i}`)));
immediates.reverse().forEach(clearImmediate);
const byTick = setTimeout(never('cleared in a tick'), 0), tickImmediate = setImmediate(never('cleared in a tick'));
process.nextTick(() => { clearTimeout(byTick); clearImmediate(tickImmediate); });
const byPromise = setInterval(never('cleared in a promise'), 0), promiseImmediate = setImmediate(never('cleared in a promise'));
Promise.resolve().then(() => { clearInterval(byPromise); clearImmediate(promiseImmediate); });
const byMicrotask = setTimeout(never('cleared in a microtask'), 0);
queueMicrotask(() => { clearTimeout(byMicrotask); });
const byId = setTimeout(never('cleared by id'), 0);
clearTimeout(+byId);
const byText = setTimeout(never('cleared by text'), 0);
clearTimeout(`${+byText}`);
const dueTogether = [];
for (let i = 0; i < 5; i++) dueTogether.push(setTimeout(() => { log.push(`first due ${i}`); dueTogether.forEach(clearTimeout); }, 1));
const siblings = [];
for (let i = 0; i < 5; i++) siblings.push(setImmediate(() => { log.push(`immediate ${i}`); siblings.forEach(clearImmediate); }));
// In the checkpoint between two due ones.
const second = [];
setTimeout(() => process.nextTick(() => clearTimeout(second[0])), 2);
second.push(setTimeout(never('cleared between'), 2));
setTimeout(() => {
    // A timer and an immediate made and cleared in a callback.
    clearTimeout(setTimeout(never('made in a timer'), 0));
    clearImmediate(setImmediate(never('made in a timer')));
    setTimeout(() => console.log(log.sort().join('\n')), 10);
}, 10);
