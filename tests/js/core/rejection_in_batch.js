// E11 handled while the batch is reported
// A handler attached before the report, even in the same batch, suppresses it.
process.on('unhandledRejection', (reason) => {
    console.log('unhandled', reason);
    if (reason === 1) second.catch(() => console.log('caught in the batch'));
});
process.on('rejectionHandled', () => console.log('must not be told'));
Promise.reject(1);
const second = Promise.reject(2);
Promise.reject(3);
