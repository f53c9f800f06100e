// Whole files in the three forms: content, encodings, flags, modes.
const fs = require('fs');
const os = require('os');
const path = require('path');

const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'millrace-fs-'));
const at = (name) => path.join(dir, name);
const show = (bytes) => Array.from(bytes).join(' ');
const mode = (name) => (fs.statSync(at(name)).mode & 0o777).toString(8);
process.on('exit', () => fs.rmSync(dir, { recursive: true }));

fs.writeFileSync(at('text'), 'h\u00e9llo \ud83d\ude00\n');
console.log(show(fs.readFileSync(at('text'))));
console.log(JSON.stringify(fs.readFileSync(at('text'), 'utf8')));
for (const encoding of ['latin1', 'ascii', 'hex', 'base64', 'base64url', 'utf16le']) {
    console.log(encoding, JSON.stringify(fs.readFileSync(at('text'), encoding)));
}

fs.writeFileSync(at('bytes'), new Uint8Array([0xef, 0xbb, 0xbf, 0x61, 0xff, 0xe2, 0x82, 0x62]));
console.log(JSON.stringify(fs.readFileSync(at('bytes'), { encoding: 'utf-8' })));
fs.writeFileSync(at('bytes'), '61 62', { encoding: 'hex' });
console.log(show(fs.readFileSync(at('bytes'))));
fs.writeFileSync(at('bytes'), 'YWJj\nZA==', 'base64');
console.log(fs.readFileSync(at('bytes'), 'utf8'));
fs.writeFileSync(at('bytes'), 'lone \ud800', 'utf8');
console.log(fs.readFileSync(at('bytes'), 'hex'));
fs.writeFileSync(at('bytes'), new Uint16Array([1, 2]).subarray(1));
console.log(show(fs.readFileSync(at('bytes'))));
fs.writeFileSync(at('bytes'), new DataView(new ArrayBuffer(3), 1));
console.log(show(fs.readFileSync(at('bytes'))));

fs.appendFileSync(at('log'), 'one ');
fs.appendFileSync(at('log'), 'two');
console.log(fs.readFileSync(at('log'), 'latin1'));
fs.writeFileSync(at('private'), '', { mode: 0o600 });
console.log(mode('private'));
fs.copyFileSync(at('private'), at('copy'));
console.log(mode('copy'));
for (const flag of ['wx', 'ax', 'r+']) {
    try {
        fs.writeFileSync(at(flag === 'r+' ? 'missing' : 'log'), 'x', { flag });
    } catch (error) {
        console.log(flag, error.code, error.syscall);
    }
}
fs.truncateSync(at('log'), 3);
console.log(fs.readFileSync(at('log'), 'utf8'));
console.log(fs.readFileSync('/proc/self/stat', 'utf8').length > 10);

fs.writeFile(at('called'), 'back', (...args) => {
    console.log(args);
    fs.readFile(at('called'), 'utf8', (...read) => {
        console.log(read);
        awaited();
    });
});

async function awaited() {
    const { promises } = fs;
    console.log(await promises.writeFile(at('p'), 'promise'));
    console.log(await promises.appendFile(at('p'), 'd', 'utf8'));
    console.log(await promises.readFile(at('p'), 'utf8'), show(await promises.readFile(at('p'))));
    async function* pieces() {
        yield 'a';
        yield new Uint8Array([66]);
        yield 'c';
    }
    await promises.writeFile(at('p'), pieces());
    console.log(await promises.readFile(at('p'), 'utf8'));
    await promises.writeFile(at('p'), ['x', 'y']);
    console.log(await promises.readFile(at('p'), 'utf8'));
    await promises.copyFile(at('p'), at('q'));
    await promises.copyFile(at('p'), at('q'), fs.constants.COPYFILE_EXCL)
        .catch((error) => console.log(error.code, error.dest === at('q')));
    await promises.truncate(at('q'), 1);
    console.log(await promises.readFile(at('q'), 'utf8'));
}
