// require() of an ES module: its namespace, marked for transpiled code where there is a default.
'use strict';
const whole = require('./required/whole.mjs');
console.log(whole, whole.default(), whole === require('./required/whole.mjs'));
whole.count();
console.log(whole.counter);
console.log(require('./required/named.mjs'), require('./required/chosen.mjs'));
console.log(require('./required/package/inner.js'), require('./required/undeclared.js'));
import('./required/whole.mjs').then((space) => {
    console.log(space.counter, '__esModule' in space, space.default === whole.default);
});
for (const name of ['throws', 'broken', 'waits', 'absent']) {
    for (let i = 0; i < 2; i++) {
        try {
            require(`./required/${name}.mjs`);
        } catch (error) {
            console.log(name, error.name, error.code, name === 'throws' ? error.message : '');
        }
    }
}
process.on('unhandledRejection', () => console.log('unhandled'));
setTimeout(() => console.log(require('./required/later.mjs').later), 1);
