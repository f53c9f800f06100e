// The loop runs dry, is revived, and ends as in real time.
let rounds = 0;
process.on('beforeExit', (code) => {
    console.log('beforeExit', code, Date.now() - 946684800000);
    if (++rounds < 3) setTimeout(() => console.log('revived'), 1000);
});
process.on('exit', (code) => console.log('exit', code));
setTimeout(() => { process.exitCode = 4; }, 500);
