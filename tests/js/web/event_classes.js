// F2 wrong receivers, no `new`, subclass, odd new.target
// F1 attributes of the classes of events and abort signals
const classes = { Event, CustomEvent, EventTarget, AbortSignal, AbortController };
const flags = (object, name) => {
    const d = Object.getOwnPropertyDescriptor(object, name);
    const kind = d.get ? `get ${d.get.name}/${d.get.length}${d.set ? ` set ${d.set.name}/${d.set.length}` : ''}`
        : typeof d.value === 'function' && !/^class /.test(d.value) ? `${d.value.name}/${d.value.length}` : String(d.value);
    return `${d.writable ? 'W' : ''}${d.enumerable ? 'E' : ''}${d.configurable ? 'C' : ''} ${kind}`;
};
for (const [name, Class] of Object.entries(classes)) {
    console.log(name, flags(globalThis, name), Object.getPrototypeOf(Class).name,
        Object.prototype.toString.call(Class.prototype),
        Object.prototype.toString.call(Object.getPrototypeOf(Class.prototype)));
    for (const [where, object] of [['static', Class], ['', Class.prototype]]) {
        for (const key of Reflect.ownKeys(object)) {
            console.log(' ', where, String(key), flags(object, key));
        }
    }
}
console.log(flags(new Event('x'), 'isTrusted'), Reflect.ownKeys(new CustomEvent('x')),
    Reflect.ownKeys(new EventTarget()), Reflect.ownKeys(AbortSignal.abort()),
    Reflect.ownKeys(new AbortController()));

// Receivers: every getter, setter and method refuses what is not of its class.
const errors = {};
const attempt = (label, what) => {
    try {
        what();
        errors[label] = (errors[label] ?? '') + ' passed';
    } catch (error) {
        if (!(error instanceof TypeError)) {
            errors[label] = (errors[label] ?? '') + ` ${error}`;
        }
    }
};
for (const [name, Class] of Object.entries(classes)) {
    const own = { Event: new Event('x'), CustomEvent: new CustomEvent('x'),
        EventTarget: new EventTarget(), AbortSignal: AbortSignal.abort(),
        AbortController: new AbortController() };
    const strangers = [undefined, null, 1, 'x', {}, Object.create(Class.prototype), Class.prototype,
        new Proxy(own[name], {}), globalThis];
    for (const [other, value] of Object.entries(own)) {
        if (!(value instanceof Class)) {
            strangers.push(value);
        }
    }
    const members = Object.getOwnPropertyDescriptors(Class.prototype);
    for (const key of Object.keys(members)) {
        for (const stranger of strangers) {
            for (const f of [members[key].get, members[key].set, members[key].value]) {
                if (typeof f === 'function' && key !== 'constructor') {
                    attempt(`${name}.${key}`, () => f.call(stranger, 'x', () => {}, 'x'));
                }
            }
        }
    }
    attempt(`${name}()`, () => Class('x'));
    attempt(`${name}.call`, () => Class.call(Object.create(Class.prototype), 'x'));
}
const { get } = Object.getOwnPropertyDescriptor(new Event('x'), 'isTrusted');
for (const stranger of [undefined, {}, new EventTarget(), Event.prototype]) {
    attempt('isTrusted', () => get.call(stranger));
}
attempt('new AbortSignal', () => new AbortSignal());
attempt('subclass', () => new (class extends AbortSignal {})());
attempt('construct', () => Reflect.construct(AbortSignal, [], EventTarget));
console.log(errors);

// Subclasses
class Mine extends EventTarget {
    constructor() {
        super();
        this.log = [];
    }
    handle(event) {
        this.log.push(event.type, event instanceof Special, event.more);
    }
}
class Special extends CustomEvent {
    more = 1;
    get type() {
        return 'not ' + super.type;
    }
}
const mine = new Mine();
mine.addEventListener('x', mine.handle);
mine.dispatchEvent(new Special('x', { detail: 2 }));
console.log(mine.log, mine instanceof EventTarget, new Special('y', { detail: 2 }).detail);
class MyController extends AbortController {
    abort(reason) {
        super.abort(['mine', reason]);
    }
}
const controller = new MyController();
controller.abort(1);
console.log(controller.signal.reason, controller instanceof MyController,
    controller.signal === controller.signal);

// new.target
function F() {}
for (const [name, Class] of Object.entries(classes)) {
    if (Class === AbortSignal) {
        continue;
    }
    const made = [];
    for (const prototype of [null, undefined, 1, 'x', Array.prototype, {}]) {
        F.prototype = prototype;
        const object = Reflect.construct(Class, ['x'], F);
        made.push(Object.getPrototypeOf(object) === (Object(prototype) === prototype ? prototype : Class.prototype));
    }
    console.log(name, made.join());
    const target = new Proxy(Class, { get: () => { throw new RangeError('prototype'); } });
    try {
        Reflect.construct(Class, ['x'], target);
    } catch (error) {
        console.log(error.name);
    }
    // Arguments come before the prototype.
    if (name.endsWith('Event')) {
        try {
            Reflect.construct(Class, [Symbol('s')], target);
        } catch (error) {
            console.log(error.name);
        }
    }
}
const odd = Reflect.construct(EventTarget, [], Array);
EventTarget.prototype.addEventListener.call(odd, 'x', () => console.log('odd works'));
EventTarget.prototype.dispatchEvent.call(odd, new Event('x'));
// A dead prototype changes nothing.
const event = Object.setPrototypeOf(new Event('x'), null);
console.log(mine.dispatchEvent(event), get.call(event));
