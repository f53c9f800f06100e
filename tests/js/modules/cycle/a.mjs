import { b, early } from './b.mjs';
console.log('a runs', b, early);
export let a = 'a';
export function readB() { return b; }
export function setA(value) { a = value; }
export function hoisted() { return 'hoisted'; }
