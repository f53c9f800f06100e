// D2 delay: what counts as how long, what is refused, and that it keeps the loop alive
const order = [];
const note = (name) => () => order.push(name);
console.log(delay.length, delay.name, typeof delay(0).then, Object.keys(globalThis).includes('delay'));
for (const ms of [2 ** 53, Infinity, 1e300]) {
    try {
        delay(ms);
    } catch (error) {
        console.log(error instanceof RangeError, error.code);
    }
}
for (const ms of [1n, Symbol('s'), { valueOf() { throw new Error('mine'); } }]) {
    try {
        delay(ms);
    } catch (error) {
        console.log(error.name, error.message === 'mine');
    }
}
delay(20).then(note('twenty'));
delay(5).then(note('five'));
delay('2').then(note('two'));
setTimeout(note('timer of nine'), 9);
for (const ms of [undefined, NaN, 0, -1, -Infinity, null, 'x', 0.5]) delay(ms).then(note('at once'));
delay().then((value) => order.push(value === undefined));
const never = delay(2 ** 53 - 1);
never.then(() => console.log('never'));
delay(40).then(() => {
    console.log(order.join());
    process.exit();
});
