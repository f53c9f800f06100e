/*---
flags:
  - module
  - async
includes:
  - compareArray.js
---*/
import * as self from './good.js';
import { x } from './x_FIXTURE.js';
export const y = await x;
assert.compareArray([self.y, x], [3, 3]);
$DONE();
