// F10 events, targets, signals and controllers in the console
const { inspect } = require('node:util');
const log = (...values) => console.log(inspect(...values).replace(/timeStamp: \S+/g, 'timeStamp: 0'));
class T extends EventTarget {
    own = 1;
}
class E extends CustomEvent {}
const controller = new AbortController();
const event = new Event('an \'event\'', { cancelable: true });
log(event);
log(new CustomEvent('y', { detail: { a: 1 } }));
log(new E('z'));
log(new EventTarget());
log(new T());
log(controller);
log(controller.signal);
controller.abort('reason');
log(controller);
log(AbortSignal.abort());
log([[controller]]);
log([[[controller]]]);
log([[[[controller]]]]);
log([[[controller.signal, event, new T()]]]);
log({ controller, event, list: [new EventTarget(), controller.signal] });
for (const depth of [-1, 0, 1, null, Infinity]) {
    log([event, new T(), controller.signal, controller], { depth });
    log(event, { depth });
    log(controller, { depth });
    log(controller.signal, { depth });
    log(new T(), { depth });
}
log({ controller, event }, { colors: true });
log({ controller, event }, { compact: false });
log({ controller, event }, { breakLength: Infinity });
log([controller.signal], { breakLength: 20 });
event.own = 1;
controller.signal.own = 1;
log([event, controller.signal]);
console.log('%o %O %s %j', new EventTarget(), new EventTarget(), new EventTarget(), new EventTarget());
console.log('%s', controller.signal, String(event), `${controller}`);
