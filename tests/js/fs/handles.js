// Open files: descriptors, and FileHandle of fs/promises.
const fs = require('fs');
const os = require('os');
const path = require('path');
const { open } = require('fs/promises');

const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'millrace-fs-'));
process.on('exit', () => fs.rmSync(dir, { recursive: true }));
const file = path.join(dir, 'file');
const show = (bytes) => Array.from(bytes).join(' ');

const fd = fs.openSync(file, 'w+');
console.log(fs.writeSync(fd, 'h\u00e9llo'), fs.writeSync(fd, '!', null, 'latin1'));
console.log(fs.writeSync(fd, new Uint8Array([1, 2, 3, 4]), 1, 2), fs.writeSync(fd, 'HE', 0));
const room = new Uint8Array(12);
console.log(fs.readSync(fd, room, 1, 10, 0), show(room));
console.log(fs.readSync(fd, room, { offset: 0, length: 2, position: 6n }), show(room));
console.log(fs.readSync(fd, room), fs.fstatSync(fd).size);
fs.ftruncateSync(fd, 2);
fs.futimesSync(fd, 1.5, new Date(2500));
fs.fchmodSync(fd, 0o640);
fs.fsyncSync(fd);
fs.fdatasyncSync(fd);
const stats = fs.fstatSync(fd);
console.log(stats.size, stats.atimeMs, stats.mtimeMs, stats.mtime.toISOString(), (stats.mode & 0o777).toString(8));
const big = fs.fstatSync(fd, { bigint: true });
console.log(big.size, big.atimeNs, big.mtimeMs, big.isFile(), big.atime.getTime());
console.log(Object.keys(stats).join());
console.log(Object.keys(big).join());
fs.closeSync(fd);

(async () => {
    const handle = await open(file, 'w+');
    console.log(handle.fd > 2, handle.constructor.name);
    console.log(await handle.write('abc'), await handle.write('def', 1));
    const data = new Uint8Array([65, 66, 67]);
    const wrote = await handle.write(data, 1, 2, 6);
    console.log(wrote.bytesWritten, wrote.buffer === data);
    console.log((await handle.write(data, { offset: 2, position: 9 })).bytesWritten);
    const target = new Uint16Array(4);
    const read = await handle.read(target, 2, 4, 0);
    console.log(read.bytesRead, read.buffer === target, show(target));
    console.log((await handle.read({ buffer: new Uint8Array(3), position: 6, length: 2 })).bytesRead);
    const whole = await handle.read();
    console.log(whole.bytesRead, whole.buffer.length, (await handle.read(new Uint8Array(0))).bytesRead);
    for (const args of [[5], [new Uint8Array(2), 3], [new Uint8Array(2), 0, 3], [new Uint8Array(2), 0, 1, {}]]) {
        await handle.read(...args).catch((error) => console.log(error.name, error.code));
    }
    await handle.truncate(4);
    await handle.utimes(3, 4);
    await handle.chmod(0o600);
    await handle.sync();
    await handle.datasync();
    const seen = await handle.stat();
    console.log(seen.size, seen.atimeMs, seen.mtimeMs, (seen.mode & 0o777).toString(8));
    await handle.truncate();
    await handle.writeFile('xy');
    await handle.appendFile(['z', '!']);
    console.log(fs.readFileSync(file).length);

    const under = [handle.read(new Uint8Array(1), 0, 1, 0), handle.stat()];
    const closing = handle.close();
    await closing;
    console.log((await Promise.all(under)).length, handle.fd, await handle.close());
    for (const name of ['read', 'write', 'readFile', 'stat', 'truncate', 'sync', 'datasync', 'chmod', 'utimes']) {
        await handle[name]().catch((error) => console.log(name, error.code, error.syscall, error.message));
    }
    const second = await open(file);
    console.log(await fs.promises.readFile(second, 'utf8'));
    await second.write('x').catch((error) => console.log(error.message));
    await second.close();
    fs.open(file, (error, number) => {
        fs.read(number, new Uint8Array(2), 0, 2, null, (...args) => {
            console.log(args[0], args[1], show(args[2]));
            fs.write(number, 'x', (failure, count, text) => {
                console.log(failure.code, text);
                fs.close(number, (...none) => console.log(none));
            });
        });
    });
})();
