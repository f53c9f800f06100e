/*---
negative:
  phase: parse
  type: SyntaxError
---*/
$DONOTEVALUATE();
async function f(x = 1) { "use strict"; }
