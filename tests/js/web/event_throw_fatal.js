// F5 nobody handles what a listener threw
const target = new EventTarget();
target.addEventListener('x', () => { throw new Error('from a listener'); });
target.addEventListener('x', () => console.log('sibling'));
process.on('exit', (code) => console.log('exit', code));
target.dispatchEvent(new Event('x'));
console.log('returned');
Promise.resolve().then(() => console.log('never'));
setTimeout(() => console.log('never'), 1);
