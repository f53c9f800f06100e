// M1 siblings of a waiting module
// Evaluation order: depth first, CommonJS at its place, siblings of a waiting module go on.
import { note, notes } from './order/notes.mjs';
import './order/first.mjs';
import plain from './order/plain.cjs';
import './order/waits.mjs';
import { late } from './order/needs-waiting.mjs';
import { named } from './order/named.cjs';
import './order/last.mjs';
note(`main ${plain} ${late} ${named}`);
console.log(notes.join('\n'));
