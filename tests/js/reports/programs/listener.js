const { EventEmitter } = require('events');
const e = new EventEmitter();
e.on('x', function onX() { undefinedFunction(); });
setTimeout(function later() { e.emit('x'); }, 1);
