import { code } from './cycle.cjs';
export const inside = code;
