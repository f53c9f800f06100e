/*---
negative:
  phase: runtime
  type: RangeError
flags: [module]
---*/
await 0;
throw new RangeError('x');
