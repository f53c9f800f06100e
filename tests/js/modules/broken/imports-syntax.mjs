globalThis.ran = true; import './syntax.mjs';
