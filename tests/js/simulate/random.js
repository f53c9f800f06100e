// Math.random: from the seed, in [0, 1), spread out, with the engine's attributes.
const d = Object.getOwnPropertyDescriptor(Math, 'random');
console.log(d.writable, d.enumerable, d.configurable, d.value.name, d.value.length, 'prototype' in d.value);
console.log(Math.random(), Math.random(), (0, Math.random)());
const counts = Array(10).fill(0);
for (let i = 0; i < 100000; i++) {
    const x = Math.random();
    if (!(x >= 0 && x < 1)) console.log('outside', x);
    counts[Math.floor(x * 10)]++;
}
console.log(counts.every((n) => n > 9600 && n < 10400));
console.log(process.pid > process.ppid, process.ppid > 0, Number.isInteger(process.pid));
