// Buffer where Node.js gives one: files, handles, names, standard input; and where it is taken.
import fs, { promises } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import assert from 'node:assert';
import util, { types, isDeepStrictEqual } from 'node:util';

const kind = (value) => Buffer.isBuffer(value) + ' ' + util.inspect(value);
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'buffer-'));
const file = path.join(folder, 'f');

fs.writeFileSync(file, Buffer.from('0123\xFF', 'latin1'));
fs.appendFileSync(file, Buffer.from('tail').subarray(1, 3));
console.log(kind(fs.readFileSync(file)));
console.log(kind(await promises.readFile(file)), kind(await promises.readFile(Buffer.from(file))));
await new Promise((resolve) => fs.readFile(file, (error, data) => resolve(console.log(error, kind(data)))));
fs.writeFileSync(path.join(folder, 'empty'), Buffer.alloc(0));
console.log(kind(fs.readFileSync(path.join(folder, 'empty'))));
console.log(fs.readFileSync(file, 'latin1'), fs.readFileSync(file, { encoding: 'hex' }), fs.readFileSync(file, 'base64url'));

const handle = await promises.open(file, 'r+');
const first = await handle.read();
console.log(first.bytesRead, Buffer.isBuffer(first.buffer), first.buffer.length, first.buffer.subarray(0, 7));
const given = Buffer.alloc(4);
const second = await handle.read(given, 1, 2, 0);
console.log(second.buffer === given, given);
console.log((await handle.write(Buffer.from('xy'), 0, 2, 0)).bytesWritten, kind(await handle.readFile()));
await handle.close();
const fd = fs.openSync(file);
console.log(fs.readSync(fd, given, 0, 4, 1), given.toString('latin1'));
fs.closeSync(fd);

console.log(fs.readdirSync(folder, 'buffer').map(kind).sort());
console.log((await promises.readdir(folder, { encoding: 'buffer', withFileTypes: true })).map((entry) => kind(entry.name)).sort());
fs.symlinkSync('f', path.join(folder, 'link'));
console.log(kind(fs.readlinkSync(path.join(folder, 'link'), 'buffer')));
console.log(Buffer.isBuffer(fs.realpathSync(folder, { encoding: 'buffer' })), Buffer.isBuffer(await promises.realpath(folder, 'buffer')));
fs.rmSync(folder, { recursive: true });

/* Standard input is bytes. */
for await (const chunk of process.stdin) console.log('stdin', kind(chunk));

/* Comparisons, types, text. */
const a = Buffer.from([1, 2]), b = new Uint8Array([1, 2]);
console.log(isDeepStrictEqual(a, Buffer.from([1, 2])), isDeepStrictEqual(a, Buffer.from([1, 3])), isDeepStrictEqual(a, b));
assert.deepStrictEqual(Buffer.from('a'), Buffer.from('a'));
assert.deepEqual(a, b);
assert.throws(() => assert.deepStrictEqual(a, b));
assert.throws(() => assert.deepStrictEqual(a, Buffer.from([1])));
console.log(types.isUint8Array(a), types.isTypedArray(a), types.isArrayBufferView(a), ArrayBuffer.isView(a), Array.isArray(a));
console.log({ a, list: [a, Buffer.alloc(0)], map: new Map([[a, a]]) });
console.log('%s %d %j %o', a, a, a, 1, a);
console.log(util.inspect(a, { customInspect: false }), util.inspect(Object.assign(Buffer.from('x'), { p: 1 })), util.format('%O', a));
console.log(util.inspect(Buffer.alloc(60, 1), { maxArrayLength: 2 }));
process.stdout.write(Buffer.from('written \u20AC\n'));
