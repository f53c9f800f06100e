/* Both kinds of paths: every function over a table of paths. */
'use strict';
const path = require('node:path');
process.chdir('/'); // relative paths resolve to the same everywhere
const table = [
    '', '.', '..', '/', '//', '///', '/..', '/.', 'a', 'a/', '/a', '/a/', 'a/b', '/a/b', 'a//b', './a', '../a',
    'a/..', 'a/../..', '/a/../..', 'a/./b', 'a.b', '.a', '.a.b', 'a.', 'a..', '..a', '...', 'a/.b', 'a.b/',
    'a.b//', '/a.b/c', 'a b', 'é/日', '\\', '\\\\', '\\a', 'a\\b', 'C:', 'C:\\', 'C:a', 'C:\\a\\..', 'c:/a/b.c',
    'C:..', '\\\\server', '\\\\server\\share', '\\\\server\\share\\', '\\\\server\\share\\a\\..', '//server/share/a',
    '\\\\.\\device', '\\\\?\\C:\\a', 'CON', 'con:', 'con:a', './C:', 'a:b', 'x/..\\C:', 'COM1:', '/C:/a', 'C:/.',
];
for (const kind of ['posix', 'win32']) {
    const p = path[kind];
    console.log(kind, JSON.stringify(p.sep), JSON.stringify(p.delimiter));
    for (const x of table) {
        console.log(JSON.stringify([
            x, p.normalize(x), p.dirname(x), p.basename(x), p.extname(x), p.isAbsolute(x), p.parse(x),
            p.format(p.parse(x)), p.join(x, '..', 'z'), p.join('/r', x), p.basename(x, '.b'), p.basename(x, 'b'),
        ]));
    }
    for (const x of table) {
        console.log(table.slice(4, 20).map((y) => p.join(x, y)).join(' | '));
    }
    const rooted = kind === 'posix' ? ['/', '/a', '/a/b', '/a/b/c', '/b', '/A', '/ab']
        : ['C:\\', 'C:\\a', 'C:\\a\\b', 'c:\\A\\c', 'D:\\a', '\\\\s\\t\\a', '\\\\s\\t\\b', '\\\\s\\u\\'];
    for (const x of rooted) {
        console.log(rooted.map((y) => JSON.stringify(p.relative(x, y))).join(' '));
        console.log(table.filter((y) => y !== '').map((y) => p.resolve(x, y)).join(' '));
        console.log(p.toNamespacedPath(x));
    }
}
for (const p of [{ dir: 'd', base: 'b' }, { root: '/', base: 'b' }, { root: '/', dir: '/', name: 'n', ext: 'e' },
    { name: 'n', ext: '.e' }, { dir: 'd' }, {}, { base: 'b', name: 'n', ext: '.e' }]) {
    console.log(path.posix.format(p), path.win32.format(p));
}
for (const f of Object.keys(path.posix).filter((k) => typeof path[k] === 'function' && k !== 'matchesGlob')) {
    for (const value of [1, null, undefined, {}, true]) {
        try {
            console.log(f, path.posix[f](value));
        } catch (x) {
            console.log(f, x.code, x.message);
        }
    }
}
console.log(path === path.posix, path.win32.posix === path, path.posix.win32 === path.win32,
    require('path/posix') === path, require('node:path/win32') === path.win32);
