// process.env: strings only.
const { env } = process;
env.A = 1;
env.B = undefined;
env.C = null;
env.D = { toString: () => 'text' };
console.log(env.A, env.B, env.C, env.D, env.NO_SUCH_NAME, typeof env.PATH);
console.log('A' in env, 'NO_SUCH_NAME' in env, Object.hasOwn(env, 'A'), Object.keys(env).includes('A'), delete env.A, 'A' in env, delete env.A);
try { env[Symbol('s')] = 1; } catch (error) { console.log(error.name); }
try { env.X = Symbol('s'); } catch (error) { console.log(error.name); }
console.log(env[Symbol('s')], JSON.stringify(Object.getOwnPropertyDescriptor(env, 'D')));
Object.defineProperty(env, 'E', { value: 5, writable: true, enumerable: true, configurable: true });
console.log(env.E);
for (const bad of [{ value: 1 }, { get: () => 1 }]) {
    try { Object.defineProperty(env, 'F', bad); } catch (error) { console.log(error.name, error.code); }
}
const { B, C, D, E } = env;
console.log({ B, C, D, E }, { ...env }.D, env.hasOwnProperty('B'), env.toString());
process.env = { only: 'this' };
console.log(process.env);
