globalThis.count = (globalThis.count ?? 0) + 1;
export const id = globalThis.count;
