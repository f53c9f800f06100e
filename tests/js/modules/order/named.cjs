globalThis.notes.push('named.cjs'); exports.named = 'named';
