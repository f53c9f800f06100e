import { a, hoisted } from './a.mjs';
export let early;
try { a; } catch (error) { early = error.name; }
console.log('b runs', hoisted());
export const b = 'b';
export function readA() { return a; }
