/* Emitters by class, by util.inherits, without the constructor, by copying the methods. */
'use strict';
const EventEmitter = require('node:events');
const { inherits } = require('node:util');

function Old() {
    EventEmitter.call(this);
    this.own = 1;
}
inherits(Old, EventEmitter);
Old.prototype.go = function () { return this.emit('go', this.own); };
const old = new Old();
old.on('go', (v) => console.log('old', v, old instanceof EventEmitter, Old.super_ === EventEmitter));
console.log(old.go());

class Young extends EventEmitter {
    constructor() { super(); this.own = 2; }
    emit(type, ...args) { console.log('emit', String(type)); return super.emit(type, ...args); }
}
const young = new Young();
young.on('newListener', () => {});
young.on('a', function () { console.log(this === young); });
young.emit('a');
console.log(Object.keys(young).join());

function Bare() {}
Bare.prototype = Object.create(EventEmitter.prototype);
const bare = new Bare();
console.log(bare.emit('z'), bare.listeners('z'), bare.listenerCount('z'), bare.eventNames());
bare.on('z', () => console.log('z'));
console.log(bare.emit('z'), new Bare()._events, bare._eventsCount);
bare.off('nothing', () => {}).removeAllListeners();

const mixed = Object.assign({}, EventEmitter.prototype);
mixed.on('t', function (...args) { console.log(this === mixed, args); });
mixed.emit('t', 1, 2);

const derived = Object.create(young);
derived.on('shared', () => console.log('shared'));
console.log(young.emit('shared'));
const proxy = new Proxy(young, {});
proxy.on('proxied', () => console.log('proxied'));
console.log(young.emit('proxied'));
