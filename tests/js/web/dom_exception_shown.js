// F10 how the console shows a DOMException
const firstLine = (value) => console.log(require('util').inspect(value).split('\n')[0]);
firstLine(new DOMException('text', 'DataCloneError'));
firstLine(new DOMException('text'));
firstLine(new DOMException());
firstLine(new DOMException('a\nb', 'AbortError'));
firstLine(new (class Mine extends DOMException {})('mine', 'AbortError'));
console.log(Object.assign(new DOMException('t', 'N'), { stack: 'N: t', other: 1 }));
