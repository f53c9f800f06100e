// Folders: making, listing in every form and order, removing, resolving.
const fs = require('fs');
const os = require('os');
const path = require('path');

const dir = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'millrace-fs-')));
process.on('exit', () => fs.rmSync(dir, { recursive: true }));
const at = (name) => path.join(dir, name);
const strip = (text) => text?.replaceAll(dir, 'DIR');

console.log(strip(fs.mkdirSync(at('tree/b/c'), { recursive: true })));
console.log(fs.mkdirSync(at('tree/b/c'), { recursive: true }));
console.log(fs.mkdirSync(at('tree/a')));
for (const name of ['tree/z', 'tree/a/1', 'tree/a/2', 'tree/b/c/deep']) {
    fs.writeFileSync(at(name), '');
}
fs.symlinkSync('a', at('tree/link'));

const describe = (dirent) => `${strip(dirent.parentPath)}:${dirent.name}:` +
    ['isFile', 'isDirectory', 'isSymbolicLink', 'isFIFO', 'isSocket', 'isBlockDevice',
        'isCharacterDevice'].filter((is) => dirent[is]());

console.log(fs.readdirSync(at('tree')));
console.log(fs.readdirSync(at('tree'), { recursive: true }));
console.log(fs.readdirSync(at('tree'), { withFileTypes: true }).map(describe));
console.log(fs.readdirSync(at('tree'), { withFileTypes: true, recursive: true }).map(describe));
console.log(fs.readdirSync(at('tree/a'), 'hex'));
console.log(fs.readdirSync(at('tree/a'), 'buffer').map((name) => Array.from(name)));

console.log(strip(fs.realpathSync(at('tree/link/../link/1'))), strip(fs.realpathSync.native(at('tree/link'))));
console.log(fs.readlinkSync(at('tree/link')), fs.lstatSync(at('tree/link')).isSymbolicLink());
console.log(fs.existsSync(at('tree')), fs.existsSync(at('none')), fs.existsSync(at('tree/link/1')));

fs.renameSync(at('tree/z'), at('tree/y'));
fs.linkSync(at('tree/y'), at('tree/hard'));
console.log(fs.statSync(at('tree/y')).nlink, fs.statSync(at('tree/hard')).ino === fs.statSync(at('tree/y')).ino);

(async () => {
    const { promises } = fs;
    console.log(await promises.readdir(at('tree')));
    console.log(await promises.readdir(at('tree'), { recursive: true }));
    const typed = await promises.readdir(at('tree'), { recursive: true, withFileTypes: true });
    console.log(typed.map(describe));
    console.log(strip(await promises.mkdir(at('p/q'), { recursive: true })), await promises.mkdir(at('p/r')));
    console.log(await promises.rmdir(at('p/r')), await promises.rm(at('p'), { recursive: true }));
    fs.mkdirSync(at('doomed'));
    fs.symlinkSync('../tree', at('doomed/link'));
    await promises.rm(at('doomed'), { recursive: true, maxRetries: 2, retryDelay: 1 });
    console.log(fs.existsSync(at('doomed')), fs.existsSync(at('tree/a/1')));
    const made = await promises.mkdtemp(at('made-'));
    console.log(made.length - at('made-').length, (await promises.stat(made)).isDirectory());
    fs.readdir(at('tree'), (...args) => {
        console.log(args);
        fs.rm(at('tree'), { recursive: true }, (...none) => console.log(none, fs.readdirSync(dir).length));
    });
})();
