const { EventEmitter } = require('events');
new EventEmitter().emit('error', { a: 1 });
