// C2 order: queueMicrotask keeps its place among promise jobs, whether jobs are queued or none is.
'use strict';
const log = [];
const note = (name) => () => log.push(name);

queueMicrotask(note('m1')); // nothing is queued
queueMicrotask(() => {
    log.push('m2');
    queueMicrotask(note('m2a')); // behind p1, m3, p2
    Promise.resolve().then(note('m2p'));
    queueMicrotask(note('m2b'));
});
Promise.resolve().then(() => {
    log.push('p1');
    queueMicrotask(() => {
        log.push('p1a');
        queueMicrotask(note('p1aa'));
    });
});
queueMicrotask(note('m3')); // a job is queued
Promise.resolve().then(note('p2'));
process.nextTick(() => {
    log.push('t1');
    queueMicrotask(note('t1m'));
    Promise.resolve().then(note('t1p'));
    process.nextTick(note('t2'));
});

// Long runs of one kind, and both in turns.
function flood(count, done) {
    let seen = 0, wrong = 0;
    for (let i = 0; i < count; i++) {
        const step = () => { wrong += seen++ !== i; };
        if (i % 7 < 3)
            queueMicrotask(step);
        else
            Promise.resolve().then(step);
    }
    queueMicrotask(() => {
        log.push(`flood ${seen} ${wrong}`);
        done();
    });
}

setImmediate(() => {
    queueMicrotask(note('i1')); // first in its checkpoint
    Promise.resolve().then(note('i2'));
    queueMicrotask(note('i3'));
    setImmediate(() => {
        log.push('i4');
        flood(5000, () => {
            for (let i = 0; i < 10000; i++)
                queueMicrotask(() => { log.last = i; });
            queueMicrotask(() => {
                console.log(log.join(' '), log.last);
            });
        });
    });
});
