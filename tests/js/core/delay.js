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
delay(400).then(note('last'));
delay(100).then(note('second'));
delay('40').then(note('first'));
setTimeout(note('timer'), 200);
for (const ms of [undefined, NaN, 0, -1, -Infinity, null, 'x', 0.5]) delay(ms).then(note('at once'));
delay().then((value) => order.push(value === undefined));
const never = delay(2 ** 53 - 1);
never.then(() => console.log('never'));
delay(600).then(() => {
    console.log(order.join());
    process.exit();
});
