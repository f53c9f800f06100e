import './cycle-one.mjs'; globalThis.ran = true;
