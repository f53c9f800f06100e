// js_event_dispatch. One operation: an Event made and dispatched to an EventTarget with one listener.
// Counted: n of them in a loop.
'use strict';
const n = Number(process.argv[2]) || 300_000;
const target = new EventTarget();
let heard = 0;
target.addEventListener('ping', () => heard++);
const start = performance.now();
for (let i = 0; i < n; i++)
    target.dispatchEvent(new Event('ping'));
const ns = (performance.now() - start) * 1e6;
if (heard !== n)
    throw new Error('events were lost');
console.log(ns / n, n);
