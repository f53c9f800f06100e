// A tour of Millrace. Run it with: millrace run examples/tour.js

const { setTimeout: delay } = require('node:timers/promises');
const { once, EventEmitter } = require('node:events');
const { basename } = require('node:path');
const { readFile } = require('node:fs/promises');
const { inspect } = require('node:util');

const title = (text) => console.log(`\n--- ${text} ---`);

// One turn of the loop: the script, then ticks, then one queue of microtasks, then the phases.
async function order() {
    title('Order');
    const seen = [];
    process.nextTick(() => seen.push('tick'));
    Promise.resolve().then(() => seen.push('promise'));
    queueMicrotask(() => seen.push('microtask'));
    await new Promise((resolve) => {
        setImmediate(() => {
            seen.push('immediate');
            setTimeout(() => { seen.push('timer after the immediate'); resolve(); }, 0);
            setImmediate(() => seen.push('immediate first'));
        });
    });
    console.log(seen.join(' -> '));
}

// Timers never fire early, and their handles can be cleared, refreshed, unref'ed.
async function timers() {
    title('Timers');
    const start = performance.now();
    await delay(20);
    console.log('20 ms later:', performance.now() - start >= 20);
    let count = 0;
    await new Promise((resolve) => {
        const interval = setInterval(() => {
            console.log('interval', ++count);
            if (count === 3) {
                clearInterval(interval);
                resolve();
            }
        }, 2);
    });
    {
        using forgotten = setTimeout(() => console.log('never printed'), 1);
        console.log('a timer that its block takes along:', forgotten.hasRef());
    }
}

async function promises() {
    title('Promises');
    const results = await Promise.allSettled([
        delay(3, 'slow'), delay(1, 'fast'), Promise.reject(new RangeError('refused')),
    ]);
    for (const { status, value, reason } of results) {
        console.log(status.padEnd(9), value ?? String(reason));
    }
    console.log('the first of two:', await Promise.race([delay(20, 'tortoise'), delay(1, 'hare')]));
    async function* countdown(n) {
        while (n > 0) {
            await delay(1);
            yield n--;
        }
    }
    const numbers = [];
    for await (const n of countdown(3)) {
        numbers.push(n);
    }
    console.log('an async generator:', numbers);
}

async function events() {
    title('Events');
    const emitter = new EventEmitter();
    setTimeout(() => emitter.emit('ready', 42), 1);
    const [answer] = await once(emitter, 'ready');
    console.log('ready with', answer);
}

async function files() {
    title('Files and modules');
    const text = await readFile(__filename, 'utf8');
    console.log(basename(__filename), 'has lines:', text.split('\n').length > 50);
    const path = await import('node:path');
    console.log('the same module by import and require:', path.default === require('path'));
}

function values() {
    title('Values, as the console shows them');
    const value = { list: [1, 'two', 3n], map: new Map([['key', new Set([true])]]), at: new Date(0) };
    value.self = value;
    console.log(value);
    console.log('%s has %d wheels and weighs %o', 'A mill', 2, { tonnes: 3 });
    console.log(inspect('it\'s', { colors: false }), [undefined, null, -0], Symbol('rye'));
    console.table([{ grain: 'rye', sacks: 4 }, { grain: 'wheat', sacks: 7 }]);
}

// What nobody catches reaches a listener, or ends the run with status 1 and a report.
async function errors() {
    title('Errors');
    const heard = once(process, 'uncaughtException');
    setImmediate(() => { throw new TypeError('nobody catches this'); });
    const [error, origin] = await heard;
    console.log(`${error} (${origin})`);
    process.once('unhandledRejection', (reason) => console.log('unhandled:', reason.message));
    Promise.reject(new Error('nor this'));
    await delay(1);
}

(async () => {
    console.log(`Millrace ${process.versions.millrace} on ${process.platform}`);
    for (const part of [order, timers, promises, events, files, values, errors]) {
        await part();
    }
    process.on('exit', (code) => console.log(`\nexit with status ${code}`));
})();
