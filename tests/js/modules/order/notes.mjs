export const notes = globalThis.notes = [];
export function note(text) { notes.push(text); }
