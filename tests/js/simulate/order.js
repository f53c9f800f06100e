// Ticks, promises, microtasks, immediates and timers, in the order of a real run.
const say = (...x) => console.log(...x);
const jobs = (name) => {
    Promise.resolve().then(() => { say(name, 'promise'); process.nextTick(say, name, 'tick of promise'); });
    process.nextTick(() => { say(name, 'tick'); queueMicrotask(() => say(name, 'microtask of tick')); });
    queueMicrotask(() => say(name, 'microtask'));
};
setTimeout(() => { say('timer 2'); jobs('timer 2'); }, 2);
setTimeout(() => { say('timer 1'); jobs('timer 1'); setImmediate(() => say('immediate of timer 1')); }, 1);
setTimeout(() => { say('second timer 1'); jobs('second timer 1'); }, 1);
setTimeout(() => say('timer 0 is 1'), 0);
setTimeout(() => { setTimeout(() => say('timer made in a timer'), 0); setImmediate(() => say('immediate comes first')); }, 10);
jobs('main');
say('end of main');
