// C6 delays that are one FIFO
// Delays 0, 1, 1.9, '1', undefined, null, '', false, -0 are one FIFO.
const log = [];
for (const delay of [0, 1, 1.9, '1', undefined, null, '', false, -0, 0.5]) {
    setTimeout(() => log.push(String(delay)), delay);
}
setTimeout(() => log.push('array'), [1]);
setTimeout(() => log.push('date'), new Date(1));
setTimeout(() => log.push('object'), { valueOf: () => 1 });
setTimeout(() => console.log(log.join(' ')), 30);
