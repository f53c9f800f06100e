import './cycle-two.mjs'; import './nowhere.mjs'; globalThis.ran = true;
