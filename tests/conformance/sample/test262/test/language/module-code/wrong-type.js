/*---
negative:
  phase: parse
  type: SyntaxError
flags: [module]
---*/
throw new RangeError('x');
