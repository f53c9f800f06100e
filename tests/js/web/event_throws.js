// F5 listener throws; async listener rejects; returned `then` unread
const seen = [];
const target = new EventTarget();
process.on('uncaughtException', (error, origin) => {
    seen.push(origin === 'uncaughtException' ? error : origin);
    process.nextTick(() => seen.push('tick of handler'));
});
const value = { get name() { throw 1; } };
target.addEventListener('x', () => {
    process.nextTick(() => seen.push('tick before'));
    queueMicrotask(() => seen.push('microtask'));
});
target.addEventListener('x', () => { throw 'first'; });
target.addEventListener('x', () => seen.push('sibling'));
target.addEventListener('x', { handleEvent() { throw value; } }, { once: true });
target.addEventListener('x', () => process.nextTick(() => seen.push('tick after')));
seen.push(target.dispatchEvent(new Event('x')), 'returned');
setImmediate(() => {
    console.log(seen.map((item) => (item === value ? 'value' : item)));
    handlers();
});

function handlers() {
    seen.length = 0;
    const other = new EventTarget();
    other.addEventListener('x', {});
    other.addEventListener('x', { handleEvent: 5 });
    other.addEventListener('x', { get handleEvent() { throw 'getter'; } });
    other.addEventListener('x', () => ({ get then() { seen.push('read'); } }));
    other.addEventListener('x', () => ({ then() { seen.push('called'); } }));
    other.addEventListener('x', () => seen.push('last'));
    other.dispatchEvent(new Event('x'));
    const controller = new AbortController();
    controller.signal.onabort = () => { throw 'onabort'; };
    controller.signal.addEventListener('abort', () => seen.push('still'));
    AbortSignal.any([controller.signal]).addEventListener('abort', () => { throw 'dependent'; });
    controller.abort();
    seen.push('aborted');
    setImmediate(() => {
        console.log(seen.map((item) => (item instanceof TypeError ? 'TypeError' : item)));
        rejections();
    });
}

function rejections() {
    seen.length = 0;
    process.removeAllListeners('uncaughtException');
    process.on('unhandledRejection', (reason, promise) => {
        console.log(reason, promise instanceof Promise, seen);
    });
    const other = new EventTarget();
    other.addEventListener('x', async () => { throw 'async'; });
    other.addEventListener('x', () => seen.push('next'));
    other.dispatchEvent(new Event('x'));
}
