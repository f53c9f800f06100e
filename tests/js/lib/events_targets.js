// node:events, timers/promises and fs/promises with event targets and abort signals
const events = require('node:events');
const timers = require('node:timers/promises');
const fs = require('node:fs/promises');
const show = (error) => console.log(error.name, error.code, error.message, error.cause);

process.on('warning', (warning) => {
    console.log(warning.name, warning.count, warning.type, warning.target instanceof EventTarget);
    console.log(warning.message);
});

function limits() {
    const target = new EventTarget();
    console.log(events.getMaxListeners(target), events.getMaxListeners(AbortSignal.abort()));
    for (let i = 0; i < 13; i++) {
        target.addEventListener('many', () => i);
    }
    const quiet = new EventTarget();
    events.setMaxListeners(20, quiet);
    console.log(events.getMaxListeners(quiet));
    const { signal } = new AbortController();
    for (let i = 0; i < 20; i++) {
        quiet.addEventListener('q', () => i);
        signal.addEventListener('abort', () => i);
    }
    events.setMaxListeners(2);
    const small = new EventTarget();
    console.log(events.getMaxListeners(small), events.defaultMaxListeners, events.getMaxListeners(target));
    for (let i = 0; i < 4; i++) {
        small.addEventListener('small', () => i);
        small.addEventListener('other', () => i);
    }
    events.defaultMaxListeners = 10;
    for (const wrong of [-1, NaN, 'x']) {
        try {
            events.setMaxListeners(wrong, small);
        } catch (error) {
            console.log(error.name, error.code);
        }
    }
    try {
        events.setMaxListeners(1, {});
    } catch (error) {
        console.log(error.name, error.code);
    }
}

function listeners() {
    const target = new EventTarget();
    const f = () => {};
    const object = { handleEvent() {} };
    target.addEventListener('x', f);
    target.addEventListener('x', object);
    target.addEventListener('x', f, true);
    console.log(events.getEventListeners(target, 'x').map((l) => (l === f ? 'f' : l === object)));
    console.log(events.getEventListeners(target, 'y'));
}

async function once() {
    const target = new EventTarget();
    setTimeout(() => target.dispatchEvent(new Event('x')), 1);
    const [event] = await events.once(target, 'x');
    console.log(event.type, event instanceof Event, events.getEventListeners(target, 'x').length);
    let controller = new AbortController();
    const { signal } = controller;
    let promise = events.once(target, 'y', { signal });
    console.log(events.getEventListeners(signal, 'abort').length, events.getEventListeners(target, 'y').length);
    controller.abort('why');
    await promise.catch(show);
    console.log(events.getEventListeners(signal, 'abort').length, events.getEventListeners(target, 'y').length);
    await events.once(target, 'y', { signal }).catch(show);
    controller = new AbortController();
    promise = events.once(target, 'z', { signal: controller.signal });
    target.dispatchEvent(new Event('z'));
    console.log((await promise)[0].type, events.getEventListeners(controller.signal, 'abort').length);
    const emitter = new events.EventEmitter();
    promise = events.once(emitter, 'x', { signal: controller.signal });
    controller.abort();
    await promise.catch((error) => console.log(error.name, error.code, error.cause.name));
    console.log(emitter.listenerCount('x'), emitter.listenerCount('error'));
    await events.once(target, 'x', { signal: 1 }).catch((error) => console.log(error.code));
    // Stopped before: it hears of it all the same.
    controller = new AbortController();
    controller.signal.addEventListener('abort', (e) => e.stopImmediatePropagation());
    promise = events.once(target, 'x', { signal: controller.signal });
    controller.abort('stopped');
    await promise.catch(show);
}

async function on() {
    const target = new EventTarget();
    const controller = new AbortController();
    setTimeout(() => {
        target.dispatchEvent(new CustomEvent('x', { detail: 1 }));
        target.dispatchEvent(new CustomEvent('x', { detail: 2 }));
        setTimeout(() => controller.abort('enough'), 1);
    }, 1);
    try {
        for await (const [event] of events.on(target, 'x', { signal: controller.signal })) {
            console.log(event.detail);
        }
    } catch (error) {
        show(error);
    }
    console.log(events.getEventListeners(target, 'x').length, events.getEventListeners(controller.signal, 'abort').length);
    try {
        events.on(target, 'x', { signal: controller.signal });
    } catch (error) {
        show(error);
    }
}

async function sleeping() {
    const controller = new AbortController();
    const { signal } = controller;
    const kinds = [timers.setTimeout(100000, 1, { signal }), timers.setImmediate(1, { signal }),
        timers.scheduler.wait(100000, { signal }), timers.setInterval(100000, 1, { signal }).next()];
    console.log(events.getEventListeners(signal, 'abort').length);
    controller.abort('woken');
    for (const kind of kinds) {
        await kind.catch(show);
    }
    await timers.setTimeout(1, 1, { signal }).catch(show);
    await timers.setTimeout(1, 1, { signal: AbortSignal.timeout(1000000) }).then(console.log);
    await timers.setTimeout(100000, 1, { signal: AbortSignal.timeout(2) })
        .catch((error) => console.log(error.name, error.cause.name, error.cause.code));
    const other = new AbortController();
    await timers.setTimeout(1, 'value', { signal: other.signal }).then(console.log);
    console.log(events.getEventListeners(other.signal, 'abort').length);
    await fs.readFile(__filename, { signal }).catch(show);
    await fs.writeFile('/nonexistent/x', '', { signal }).catch(show);
}

(async () => {
    limits();
    await new Promise(setImmediate);
    listeners();
    await once();
    await on();
    await sleeping();
})();
