// A year in virtual time: each minute comes, none late, and nobody waits for it.
const start = Date.now();
let minutes = 0, late = 0;
const minute = setInterval(() => {
    if (Date.now() - start !== ++minutes * 60000) late++;
    if (minutes === 366 * 24 * 60) clearInterval(minute);
}, 60000);
setTimeout(() => console.log('a day', new Date()), 24 * 3600 * 1000);
process.on('exit', () => console.log(minutes, late, new Date(), process.uptime(), performance.now()));
