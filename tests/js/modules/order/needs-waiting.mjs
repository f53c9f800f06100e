import { value } from './waits.mjs';
globalThis.notes.push('needs waiting');
export const late = value;
