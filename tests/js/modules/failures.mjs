// M3 missing, broken, throwing modules; same error again
// Each broken module gives one error, the same to everyone who asks.
async function twice(specifier, options) {
    const errors = [];
    for (let i = 0; i < 2; i++) {
        try {
            await import(specifier, options);
            errors.push(undefined);
        } catch (error) {
            errors.push(error);
        }
    }
    const [error] = errors;
    console.log(specifier, error?.name, error?.code, errors[0] === errors[1]);
    return error;
}
const thrown = await twice('./broken/throws.mjs');
console.log(thrown === await twice('./broken/imports-throws.mjs'));
const syntax = await twice('./broken/syntax.mjs');
console.log(syntax === await twice('./broken/imports-syntax.mjs'));
await twice('./broken/bad-name.mjs');
await twice('./broken/imports-missing.mjs');
await twice('./broken/cycle-one.mjs');
await twice('./broken/cycle-two.mjs');
await twice('./broken/rejects.mjs');
await twice('./broken/ambiguous.mjs');
await twice('./broken/imports-throws-cjs.mjs');
console.log(globalThis.ran);
