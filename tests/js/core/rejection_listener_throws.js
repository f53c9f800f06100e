// A listener of unhandledRejection that throws ends the batch; the rest is told afterwards.
process.on('uncaughtException', (value, origin) => console.log('uncaught', value, origin));
process.on('unhandledRejection', (reason) => { console.log('unhandled', reason); throw `listener ${reason}`; });
Promise.reject(1);
Promise.reject(2);
Promise.reject(3);
