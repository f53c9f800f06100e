async function code(specifier) {
    try {
        await import(specifier);
        console.log(specifier, 'loads');
    } catch (error) {
        console.log(specifier, error.constructor.name, error.code, error.name);
    }
}
for (const specifier of ['./nowhere.mjs', './same', './same/', './same/target', 'no-such-package',
    'no-such-package/sub', '@scope/none', '@scope', './codes.txt', 'node:nothing', 'http://x/y.mjs',
    'x:y', 'file://host/x.mjs', './a%2Fb.mjs', '#none', '#', 'a%2Fb', '', './same/target.mjs?q', 'file:/nowhere.mjs'])
    await code(specifier);
try {
    await import('./same/nowhere.mjs');
} catch (error) {
    console.log(error.message.replaceAll(process.cwd(), '.'), error.url.endsWith('/modules/same/nowhere.mjs'));
}
