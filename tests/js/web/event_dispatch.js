// F4 listeners added and removed in dispatch; nested and repeated dispatch
const seen = [];
const done = (label) => {
    console.log(label, seen.join(' '));
    seen.length = 0;
};

// Added in dispatch: not in this one.
let target = new EventTarget();
target.addEventListener('x', () => {
    seen.push('a');
    target.addEventListener('x', () => seen.push('new'));
});
target.dispatchEvent(new Event('x'));
done('added');
target.dispatchEvent(new Event('x'));
done('again');

// Removed in dispatch: before its turn it is skipped.
target = new EventTarget();
const list = ['a', 'b', 'c', 'd'].map((name) => () => seen.push(name));
target.addEventListener('x', list[0]);
target.addEventListener('x', () => {
    target.removeEventListener('x', list[0]);
    target.removeEventListener('x', list[1]);
    target.removeEventListener('x', list[2]);
});
target.addEventListener('x', list[1]);
target.addEventListener('x', list[2]);
target.addEventListener('x', list[3]);
target.dispatchEvent(new Event('x'));
done('removed');
target.dispatchEvent(new Event('x'));
done('after');

// Removed and added again: it is a new one.
target = new EventTarget();
target.addEventListener('x', () => {
    target.removeEventListener('x', list[1]);
    target.addEventListener('x', list[1]);
});
target.addEventListener('x', list[1]);
target.addEventListener('x', list[2]);
target.dispatchEvent(new Event('x'));
done('renewed');

// One that removes itself, and all that remain.
target = new EventTarget();
const self = () => {
    seen.push('self');
    target.removeEventListener('x', self);
    list.forEach((f) => target.removeEventListener('x', f));
    target.dispatchEvent(new Event('x'));
    target.addEventListener('x', list[3]);
};
target.addEventListener('x', self);
list.forEach((f) => target.addEventListener('x', f));
target.dispatchEvent(new Event('x'));
done('all');
target.dispatchEvent(new Event('x'));
done('rest');

// Nested: another event of the type, on the same target; once is removed before the call.
target = new EventTarget();
let depth = 0;
target.addEventListener('x', (event) => {
    seen.push('in' + depth);
    if (depth < 3) {
        depth++;
        target.dispatchEvent(new Event('x'));
        depth--;
    }
    seen.push('out' + depth, event.eventPhase);
});
target.addEventListener('x', () => seen.push('once'), { once: true });
target.dispatchEvent(new Event('x'));
done('nested');

// An inner dispatch removes what the outer one comes to next.
target = new EventTarget();
let inner = false;
target.addEventListener('x', () => {
    if (inner) {
        target.removeEventListener('x', list[0]);
        target.removeEventListener('x', list[1]);
        return;
    }
    inner = true;
    target.dispatchEvent(new Event('x'));
});
list.slice(0, 3).forEach((f) => target.addEventListener('x', f));
target.dispatchEvent(new Event('x'));
done('inner');

// The same event, again and on another target; never within its own dispatch.
target = new EventTarget();
const other = new EventTarget();
const event = new Event('x');
target.addEventListener('x', (e) => {
    seen.push(e === event, e.eventPhase, e.currentTarget === target, e.composedPath().length);
    try {
        other.dispatchEvent(e);
    } catch (error) {
        seen.push('refused');
    }
});
other.addEventListener('x', (e) => seen.push('other', e.target === other));
target.dispatchEvent(event);
done('first');
console.log(event.eventPhase, event.currentTarget, event.composedPath(), event.target === target);
other.dispatchEvent(event);
done('second');
console.log(event.target === other);

// stopImmediatePropagation ends it; the flag is gone afterwards.
target = new EventTarget();
target.addEventListener('x', (e) => e.stopImmediatePropagation(), { once: true });
target.addEventListener('x', list[0]);
target.dispatchEvent(event);
done('stopped');
target.dispatchEvent(event);
done('anew');

// Cancelled stays cancelled.
const cancelable = new Event('x', { cancelable: true });
target.addEventListener('x', (e) => e.preventDefault(), { once: true });
console.log(target.dispatchEvent(cancelable), target.dispatchEvent(cancelable));

// A target that nobody holds but the dispatch.
(() => {
    const lonely = new EventTarget();
    lonely.addEventListener('x', (e) => {
        e.currentTarget.removeEventListener('x', list[0]);
        seen.push('lonely');
    });
    lonely.addEventListener('x', list[0]);
    return lonely;
})().dispatchEvent(new Event('x'));
done('lonely');
