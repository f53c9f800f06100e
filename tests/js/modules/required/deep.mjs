import inner from './inner.cjs';
export const value = inner.whole + ' below';
