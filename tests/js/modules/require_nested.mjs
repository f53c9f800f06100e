// require() of ES modules in the middle of loading and evaluating others.
import { createRequire } from 'node:module';
import { through } from './required/between.cjs';
import * as names from './required/uncertain.cjs';
import { inside } from './required/cycle.mjs';

const require = createRequire(import.meta.url);
console.log(through.deep.value, through.same === through.deep, names.default.found, inside);
console.log(require('./required/whole.mjs').default());
try {
    require('./require_nested.mjs');
} catch (error) {
    console.log(error.code);
}
await null;
console.log(require('./required/named.mjs').a);
try {
    require('./require_nested.mjs');
} catch (error) {
    console.log(error.code);
}
