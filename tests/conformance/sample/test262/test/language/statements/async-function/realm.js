/*---
description: realm
---*/
var other = $262.createRealm().global;
