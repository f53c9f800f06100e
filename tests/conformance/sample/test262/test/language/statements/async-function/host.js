/*---
description: host
---*/
var b = new ArrayBuffer(8); $262.detachArrayBuffer(b); assert.sameValue(b.byteLength, 0); assert.sameValue($262.evalScript("1+1"), 2); $262.gc(); assert.sameValue($262.global, globalThis);
