// F4 capture listeners come first, each pass over the list as it stood; propagation; legacy members
const seen = [];
const done = () => console.log(seen.splice(0).join(' ') || '-');
let target = new EventTarget();
const say = (name) => (event) => seen.push(name, event.eventPhase);
target.addEventListener('x', say('bubble'));
target.addEventListener('x', say('capture'), true);
target.dispatchEvent(new Event('x'));
done();
// A capture listener adds one for the second pass, not for its own.
target = new EventTarget();
target.addEventListener('x', () => {
    target.addEventListener('x', say('capture'), true);
    target.addEventListener('x', say('bubble'));
}, { capture: true, once: true });
target.dispatchEvent(new Event('x'));
done();
// stopPropagation of a capture listener: no second pass.
target = new EventTarget();
target.addEventListener('x', (event) => event.stopPropagation(), true);
target.addEventListener('x', say('capture'), true);
target.addEventListener('x', say('bubble'));
target.dispatchEvent(new Event('x'));
done();
// Stopped before the dispatch: nobody is called, the flag is gone.
target = new EventTarget();
target.addEventListener('x', say('a'));
let event = new Event('x');
event.stopPropagation();
console.log(event.cancelBubble);
target.dispatchEvent(event);
done();
console.log(event.cancelBubble);
target.dispatchEvent(event);
done();
event.cancelBubble = true;
event.cancelBubble = false;
console.log(event.cancelBubble);
// A dispatch in dispatch.
target = new EventTarget();
target.addEventListener('x', (e) => {
    try {
        target.dispatchEvent(e);
    } catch (error) {
        console.log(error instanceof DOMException, error.name, error.code);
    }
});
target.dispatchEvent(new Event('x'));
// returnValue, srcElement, initEvent
event = new Event('x', { cancelable: true });
console.log(event.returnValue, event.srcElement);
event.returnValue = true;
console.log(event.returnValue);
event.returnValue = 0;
console.log(event.returnValue, event.defaultPrevented);
event.returnValue = true;
console.log(event.returnValue);
target.addEventListener('y', (e) => {
    e.initEvent('z', true, false);
    console.log(e.type, e.bubbles, e.srcElement === target);
});
event.initEvent('y', true);
console.log(event.type, event.bubbles, event.cancelable, event.defaultPrevented, event.target);
target.dispatchEvent(event);
const custom = new CustomEvent('c', { detail: {}, composed: true });
custom.initCustomEvent('d', 1, 1, 'detail');
console.log(custom.type, custom.bubbles, custom.cancelable, custom.composed, custom.detail);
custom.initCustomEvent('e');
console.log(custom.type, custom.bubbles, custom.cancelable, custom.composed, custom.detail);
for (const call of [() => event.initEvent(), () => custom.initCustomEvent(),
    () => CustomEvent.prototype.initCustomEvent.call(event, 'x')]) {
    try {
        call();
    } catch (error) {
        console.log(error.name);
    }
}
event = new Event('x', { bubbles: 1, cancelable: 'a', composed: {} });
console.log(event.bubbles, event.cancelable, event.composed, event.isTrusted);
console.log(Object.getOwnPropertyDescriptor(event, 'isTrusted').get ===
    Object.getOwnPropertyDescriptor(new CustomEvent('y'), 'isTrusted').get);
const before = performance.now();
const { timeStamp } = new Event('x');
console.log(timeStamp >= before, timeStamp <= performance.now());
