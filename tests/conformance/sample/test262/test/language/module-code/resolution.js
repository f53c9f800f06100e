/*---
negative:
  phase: resolution
  type: SyntaxError
flags: [module]
---*/
$DONOTEVALUATE();
import { nothing } from './x_FIXTURE.js';
