/*---
flags: [onlyStrict]
---*/
assert.sameValue((function () { return this; })(), undefined);
var glob; assert.throws(ReferenceError, function () { undeclared = 1; });
