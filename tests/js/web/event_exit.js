// F5 process.exit in a listener ends it all: no sibling, no step, no dependent
const controller = new AbortController();
const target = new EventTarget();
target.addEventListener('x', () => console.log('still there'), { signal: controller.signal });
controller.signal.addEventListener('abort', () => {
    target.dispatchEvent(new Event('x'));
    console.log('bye');
    try {
        process.exit(3);
    } finally {
        console.log('never');
    }
});
controller.signal.addEventListener('abort', () => console.log('never'));
AbortSignal.any([controller.signal]).onabort = () => console.log('never');
process.on('exit', () => {
    try {
        controller.signal.dispatchEvent(new Event('abort'));
    } finally {
        console.log('never');
    }
});
controller.abort();
console.log('never');
