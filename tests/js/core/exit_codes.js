// E5 exitCode with many values
// process.exitCode takes safe integers, strings of one, undefined and null.
for (const value of [
    'a', '1.5', '0x10', ' 1', '1e3', 1.5, NaN, Infinity, -Infinity, 2 ** 53, true, false, {}, [], Symbol('s'), 1n, '', '3', -1,
    null, undefined, () => 1, 255, 256,
]) {
    process.exitCode = 5;
    try {
        process.exitCode = value;
        console.log(typeof value, 'ok', Number(process.exitCode ?? -99));
    } catch (error) {
        console.log(typeof value, error.name, error.code, error.message, process.exitCode);
    }
    if (typeof value === 'number' && Number.isSafeInteger(value)) continue;
    try {
        if (value !== undefined && value !== null && !/^ ?\d/.test(String(typeof value === 'symbol' ? '' : value))) process.exit(value);
    } catch (error) {
        console.log('exit:', error.name, error.code);
    }
}
process.exitCode = 2 ** 31;
process.on('exit', (code) => console.log('exit', typeof code));
process.exitCode = 300;
