// E11 three in order; handled in the turn, a microtask, a tick; later
// Rejections: three in order; handled in the turn, a microtask, a tick; later.
process.on('unhandledRejection', (reason, promise) => {
    console.log('unhandled', reason, promise instanceof Promise);
    if (reason === 'later') setTimeout(() => promise.catch(() => console.log('caught later')), 1);
});
process.on('rejectionHandled', (promise) => {
    promise.catch((reason) => console.log('rejectionHandled', reason));
    setTimeout(() => { Promise.reject('from timer'); process.nextTick(() => console.log('tick before the report')); }, 1);
});
process.on('exit', (code) => console.log('exit', code));
for (const n of [1, 2, 3]) Promise.reject(n);
const inTurn = Promise.reject('in turn');
inTurn.catch(() => console.log('caught in turn'));
const inMicrotask = Promise.reject('in microtask');
queueMicrotask(() => inMicrotask.catch(() => console.log('caught in microtask')));
const inTick = Promise.reject('in tick');
process.nextTick(() => inTick.catch(() => console.log('caught in tick')));
const lateTick = Promise.reject('late tick');
queueMicrotask(() => process.nextTick(() => lateTick.catch(() => console.log('caught in late tick'))));
Promise.reject('later');
Promise.reject('chain').then(() => {}).finally(() => {}).catch(() => console.log('caught at the end of the chain'));
