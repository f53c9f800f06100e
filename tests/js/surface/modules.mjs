// Every module that the runtime has, and what a CommonJS file is given.
import { builtinModules, createRequire } from 'node:module';

export const modules = [];
for (const name of builtinModules) {
    modules.push({ name: `node:${name}`, namespace: await import(`node:${name}`) });
}
const require = createRequire(import.meta.url);
modules.push({ name: 'require', namespace: require });
modules.push({ name: 'module', namespace: require('./plain.cjs') });
