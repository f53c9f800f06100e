/*---
flags: [async]
---*/
var never;
