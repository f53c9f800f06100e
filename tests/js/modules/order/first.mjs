globalThis.notes.push('first');
