// pipe() writes what comes, and ends what is not standard output.
'use strict';
const { EventEmitter } = require('events');
class Sink extends EventEmitter {
    parts = [];
    write(chunk) {
        this.parts.push(String(chunk));
        setTimeout(() => this.emit('drain'), 1);
        return false;
    }
    end() {
        console.log('sink', this.parts.join(''));
    }
}
const sink = new Sink();
sink.on('pipe', (source) => console.log(source === process.stdin));
console.log(process.stdin.pipe(sink) === sink);
process.stdin.pipe(process.stdout);
