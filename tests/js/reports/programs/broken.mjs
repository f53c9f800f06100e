import fs from 'fs';
function f() {
  return 1 +;
}
