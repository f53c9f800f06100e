import { a } from '../named.mjs';
export const inner = a + 1;
