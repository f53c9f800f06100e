// C1 ticks, promises, microtasks, each queuing all three
// Ticks, then one FIFO of promise jobs and microtasks, then ticks queued by these.
const log = [];
const say = (x) => log.push(x);

function all(depth, name) {
    if (depth === 0) {
        return;
    }
    process.nextTick(() => {
        say(`${name}.tick`);
        all(depth - 1, `${name}.tick`);
    });
    Promise.resolve().then(() => {
        say(`${name}.promise`);
        all(depth - 1, `${name}.promise`);
    });
    queueMicrotask(() => {
        say(`${name}.micro`);
        all(depth - 1, `${name}.micro`);
    });
}

all(2, 'main');
setTimeout(() => {
    say('timer');
    all(2, 'timer');
    setImmediate(() => {
        say('immediate');
        all(1, 'immediate');
        setImmediate(() => say('next immediate'));
        setTimeout(() => console.log(log.join('\n')), 5);
    });
}, 1);
