// D1 wrong callbacks in exit listeners: the same codes
process.on('exit', () => {
    for (const [name, schedule] of Object.entries({ setTimeout, setInterval, setImmediate, queueMicrotask, nextTick: process.nextTick })) {
        for (const value of [undefined, null, 1, 'x', {}, Symbol('s')]) {
            try {
                schedule(value, 1);
                console.log(name, 'took it');
            } catch (error) {
                console.log(name, error.name, error.code);
            }
        }
        try {
            schedule(() => {});
            console.log(name, 'accepts');
        } catch (error) {
            console.log(name, 'refuses', error.name);
        }
    }
    // The callback is looked at before the delay.
    let converted = 0;
    const delay = { valueOf() { converted++; return 1; } };
    for (const schedule of [setTimeout, setInterval]) {
        try { schedule(null, delay); } catch (error) { console.log(error.code, converted); }
    }
});
