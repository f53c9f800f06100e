globalThis.notes.push('last');
