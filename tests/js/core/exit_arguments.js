// E5 exit() with 25 values: what is refused leaves all as it was; undefined and null count as 0
const values = [
    'a', '1.5', '0x10', ' 1', '1e3', '', '-1', '3', 1.5, -0.5, NaN, Infinity, -Infinity, 2 ** 53, -(2 ** 53), true, false,
    {}, [], [1], new Number(1), Symbol('s'), 1n, () => 1, new Date(0), /x/,
];
process.exitCode = 5;
process.on('exit', (code) => { if (!silent) console.log('exit', code, Number(process.exitCode)); });
let silent = false;
const ends = new Set(); // those that would end the program are left to exit_statuses.sh
for (const value of values) {
    if (typeof value === 'string' && value !== '' && Number.isSafeInteger(Number(value))) { ends.add(value); continue; }
    try {
        process.exit(value);
        console.log('went on');
    } catch (error) {
        console.log(typeof value, error.name, error.code, Number(process.exitCode));
    }
}
console.log('would end:', [...ends].join('|'));
