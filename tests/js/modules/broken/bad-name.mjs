import { nothing } from '../same/target.mjs'; globalThis.ran = true;
