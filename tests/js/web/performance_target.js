// F12 performance is an EventTarget, and shows its origin
const seen = [];
performance.addEventListener('x', (event) => seen.push(event.type, event.target === performance));
console.log(performance.dispatchEvent(new Event('x')), seen);
console.log(performance instanceof EventTarget, performance instanceof Performance);
console.log(Object.getPrototypeOf(Performance) === EventTarget,
    Object.getPrototypeOf(Performance.prototype) === EventTarget.prototype);
console.log(Performance, PerformanceEntry, PerformanceMark, PerformanceMeasure, Crypto);
console.log({ a: { b: { c: performance, d: [new PerformanceMark('m', { startTime: 1 })] } } });
console.log(typeof performance.toJSON().timeOrigin, performance.timeOrigin > 9e11 - 1e12);
