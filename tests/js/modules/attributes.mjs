// { type: 'json' } and nothing else.
async function attempt(specifier, attributes) {
    try {
        const ns = await import(specifier, attributes && { with: attributes });
        console.log(JSON.stringify(attributes), Object.keys(ns).join(), JSON.stringify(ns.default));
    } catch (error) {
        console.log(JSON.stringify(attributes), error.name, error.code);
    }
}
await attempt('./same/data.json', { type: 'json' });
await attempt('./same/data.json');
await attempt('./same/data.json', {});
await attempt('./same/data.json', { type: 'css' });
await attempt('./same/data.json', { type: 'json', other: 'x' });
await attempt('./same/target.mjs', { type: 'json' });
await attempt('node:path', { type: 'json' });
await attempt('./same/target.mjs', {});
await attempt('./cjs/bad.json', { type: 'json' });
await attempt('./packages/millrace.js');
