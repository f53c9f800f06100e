globalThis.notes.push('plain.cjs'); module.exports = 'plain';
