for (const name of ['plain.js', 'esm.js', 'tla.js', 'module/in.js', 'module/in.cjs', 'common/in.js', 'common/in.mjs', 'untyped/in.js', 'untyped/esm.js']) {
    try {
        const ns = await import(`./kinds/${name}`);
        console.log(name, ns.default);
    } catch (error) {
        console.log(name, error.name, error.code);
    }
}
