// M3 a CommonJS file that throws
// A CommonJS file that throws, asked for directly and through another module.
const errors = [];
for (const name of ['throws.cjs', 'imports-throws-cjs.mjs', 'throws.cjs', 'imports-throws-cjs.mjs'])
    await import(`./broken/${name}`).catch((error) => { errors.push(error); });
console.log(errors.length, new Set(errors).size, errors[0].message);
