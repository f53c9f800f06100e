// File work under simulation: its end comes from the loop, its bytes are the real ones.
import { mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
const folder = await mkdtemp(join(tmpdir(), 'simulate-'));
const names = Array.from({ length: 20 }, (_, i) => `file${i}`);
await Promise.all(names.map((name, i) => writeFile(join(folder, name), name.repeat(i + 1))));
const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));
console.log(texts.every((text, i) => text === names[i].repeat(i + 1)), (await readdir(folder)).length);
console.log((await stat(join(folder, 'file19'))).size);
let ticks = 0;
const clock = setInterval(() => ticks++, 1);
await readFile(join(folder, 'missing')).catch((error) => console.log(error.code, error.syscall));
clearInterval(clock);
await rm(folder, { recursive: true });
await stat(folder).catch((error) => console.log(error.code));
