// A list over several lines; the engine has not what it asks for.
/*---
features:
  - top-level-await
  - import-defer
---*/
no JavaScript
