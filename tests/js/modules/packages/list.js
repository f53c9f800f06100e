export default [
    'full', 'full/features/require.js', 'full/features/require', 'full/features/private/require', 'full/array',
    'full/bad-array', 'full/null', 'full/climbs', 'full/modules', 'full/number', 'full/none', 'full/unmet', 'full/space',
    'full/package.json', 'full/', 'full/features/../x', 'legacy', 'legacy/lib/index.js', 'legacy/lib/m.mjs', 'legacy/lib', 'legacy/lib/index',
    'bare', 'bare/index.js', 'no-main', 'only-import', '@scope/pkg', '@scope/pkg/main.js', 'self-named',
    'self-named/sub/er/x', 'self-named/sub/secret', 'self-named/none', '#own', '#deep/er/x', '#package', '#outside',
    '#conditional', '#null', '#missing', '#unknown', '#deep/none',
];
