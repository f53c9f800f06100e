// M2 one instance by several paths and links; query; JSON identity
import * as one from './same/target.mjs';
import * as two from '../modules/same/../same/target.mjs';
import * as link from './same/link.mjs';
import * as query from './same/target.mjs?x';
import * as hash from './same/target.mjs#x';
import json from './same/data.json' with { type: 'json' };
import again from './same/../same/data.json' with { type: 'json' };
import cjs from './same/target.cjs';
import { createRequire } from 'node:module';
console.log(one === two, one === link, one === query, one === hash, query === hash);
console.log(one.id, link.id, query.id, hash.id);
console.log(json === again, json.list.length);
console.log((await import('./same/data.json', { with: { type: 'json' } })).default === json);
console.log(await import('./same/link.mjs') === one, await import(import.meta.resolve('./same/target.mjs')) === one);
const require = createRequire(import.meta.url);
console.log(require('./same/target.cjs') === cjs);
