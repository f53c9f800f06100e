globalThis.notes.push('waits: before');
export const value = await Promise.resolve('late');
globalThis.notes.push('waits: after');
