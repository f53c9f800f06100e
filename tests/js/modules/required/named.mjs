export const a = 1;
export * from './whole.mjs';
