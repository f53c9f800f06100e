const list = ['full', 'full/features/require.js', 'full/features/require', 'full/features/private/require', 'full/array',
    'full/bad-array', 'full/null', 'full/climbs', 'full/modules', 'full/number', 'full/none', 'full/unmet', 'full/space',
    'full/package.json', 'full/', 'legacy', 'legacy/lib/index.js', 'legacy/lib', 'legacy/lib/index',
    'bare', 'bare/index', 'no-main', 'only-import', 'self-named/none', '#package', '#outside', '#conditional', '#null',
    '#missing', '#unknown', '#deep/none', 'full/data.json', 'nothing', '@scope/nothing', 'bare/none'];
for (const id of list) {
    try {
        const value = require(id);
        console.log(id, typeof value === 'string' ? value : JSON.stringify(value));
    } catch (error) {
        console.log(id, error.name, error.code, error.message.split('\n')[0].replaceAll(__dirname, '.'));
    }
}
