/*---
flags: [raw]
---*/
if (typeof assert !== "undefined" || typeof $262 !== "undefined") throw new Error("not raw");
