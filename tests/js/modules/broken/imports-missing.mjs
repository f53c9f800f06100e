import '../same/target.mjs'; import './nowhere.mjs'; globalThis.ran = true;
