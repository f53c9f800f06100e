/*---
flags: [noStrict, async]
---*/
async function f() { assert.sameValue(this, globalThis); }
f().then($DONE, $DONE);
