/*---
description: fails in one mode
---*/
assert.sameValue((function () { return this; })(), undefined);
