// Names that only running the file can tell; in Node.js these imports fail.
import { computed0, computed1 } from './names/computed.cjs';
import { extra } from './names/function-with.cjs';
import * as all from './names/computed.cjs';
import * as literal from './names/literal-full.cjs';
console.log(Object.keys(literal).join(), literal.five);
console.log(computed0, computed1, extra, Object.keys(all).join());
const ns = await import('./names/function-with.cjs');
console.log(Object.keys(ns).join());
