// File work is done aside: timers go on, callbacks are callbacks of the loop, order is that of ends.
const fs = require('fs');
const os = require('os');
const path = require('path');

const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'millrace-fs-'));
process.on('exit', () => fs.rmSync(dir, { recursive: true }));
const file = path.join(dir, 'file');
fs.writeFileSync(file, 'x'.repeat(100000));

const order = [];
fs.readFile(file, () => {
    order.push('callback');
    process.nextTick(() => order.push('tick'));
    Promise.resolve().then(() => order.push('microtask'));
    setImmediate(() => order.push('immediate'));
});
order.push('main');
process.nextTick(() => order.push('main tick'));

let ticks = 0;
const timer = setInterval(() => {
    ticks++;
}, 1);

async function many() {
    const rounds = Array.from({ length: 300 }, () => fs.promises.readFile(file, 'latin1'));
    const texts = await Promise.all(rounds);
    console.log(texts.length, texts.every((text) => text.length === 100000));
    const stats = await Promise.all(Array.from({ length: 3000 }, () => fs.promises.stat(file)));
    console.log(stats.length, stats.every((one) => one.size === 100000));
}

setTimeout(async () => {
    console.log(order.join());
    await many();
    const before = ticks;
    await new Promise((resolve) => setTimeout(resolve, 20));
    console.log(ticks > before);
    clearInterval(timer);
    process.once('uncaughtException', (error) => {
        console.log('uncaught', error.message);
        fs.promises.readFile(path.join(dir, 'no')).catch((missing) => console.log(missing.code));
    });
    fs.stat(file, () => {
        throw new Error('from a callback');
    });
}, 100);
