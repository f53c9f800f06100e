// All clocks of a script are one, which stands still in callbacks and jumps between them.
import os from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
const clocks = () => [Date.now() - 946684800000, new Date() - new Date('2000-01-01T00:00:00Z'), performance.now(),
    performance.timeOrigin - 946684800000, process.hrtime(), process.hrtime.bigint(), process.uptime(), os.uptime()];
console.log(clocks());
for (let i = 0; i < 1e5; i++) Math.sqrt(i);
console.log(clocks());
console.log('sum', Array.from({ length: 900 }, () => performance.now()).reduce((a, b) => a + b));
await sleep(12345);
console.log(clocks(), process.hrtime([10, 500000000]));
console.time('a minute');
await sleep(60000);
console.timeEnd('a minute');
console.log(Date() === String(new Date()), Date());

// Who asks over and over waits for the clock, which then moves.
const begin = performance.now();
const until = Date.now() + 20;
while (Date.now() < until);
const waited = performance.now() - begin;
console.log(waited >= 20 && waited < 22);
let polls = 0;
const later = Date.now() + 5;
const poll = () => (Date.now() < later ? (polls++, setImmediate(poll)) : console.log('polled', polls > 1000, polls < 10000));
poll();
let asked = 0;
process.on('exit', () => {
    const start = Date.now();
    while (Date.now() < start + 3) asked++;
    console.log('also in exit listeners', asked > 1000);
});
