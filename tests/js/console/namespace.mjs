// A module's namespace, before and after its bindings have values.
import * as self from './namespace.mjs';

console.log(self);
export let late = 1;
export const f = () => {};
export default class Q {}
export { late as 'a-b' };
console.log(self, [self], { self });
console.dir(self, { colors: true });
console.dir(self, { depth: -1 });
