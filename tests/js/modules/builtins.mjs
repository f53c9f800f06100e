import fs from 'node:fs';
import { readFileSync } from 'fs';
import * as path from 'path';
import { join } from 'node:path/posix';
import { createRequire, builtinModules, isBuiltin } from 'node:module';
import { EventEmitter } from 'events';
const require = createRequire(import.meta.url);
console.log(fs.readFileSync === readFileSync, path.default.join === path.join, join('a', '..', 'b'));
console.log(require('fs') === fs, require('node:fs') === fs);
console.log(['fs', 'path', 'events', 'module'].every((name) => builtinModules.includes(name)), Object.isFrozen(builtinModules));
console.log(isBuiltin('fs'), isBuiltin('node:fs'), isBuiltin('nothing'), isBuiltin(5), typeof EventEmitter);
for (const value of ['relative', 5, undefined, 'http://x/']) {
    try { createRequire(value); } catch (error) { console.log(error.name, error.code); }
}
console.log(createRequire(import.meta.dirname + '/cjs/')('./plain').name);
