// process.stdout is an emitter, takes callbacks, and ends once.
'use strict';
const { EventEmitter } = require('events');
const { stdout, stderr } = process;
console.log(stdout instanceof EventEmitter, stdout.fd, stderr.fd, stdout.writable, stdout.destroyed);
console.log(stdout.on('error', () => {}) === stdout, stdout.listenerCount('error'));
console.log(stderr.writableEnded, stderr.writableFinished, stderr.writableNeedDrain);
stdout.once('drain', () => console.log('never'));
stdout.cork();
console.log(stdout.write('text\n', 'utf8', () => console.log('written')), stdout.write('6869', 'hex'));
stdout.uncork();
console.log(stdout.write(new Uint8Array([33, 10]), (error) => console.log('bytes', error)));
stderr.on('finish', () => console.log('finish', stderr.writable, stderr.writableEnded));
stderr.on('error', (error) => console.log(error.code, error.message));
stderr.end(() => {
    console.log('ended');
    console.log(stderr.write('too late', (error) => console.log('callback', error.code)));
});
