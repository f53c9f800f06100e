import { good } from './good.mjs'; export { bad as x } from "./good.mjs"
