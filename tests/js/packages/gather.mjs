// What corpus.cjs does, for modules: asynchronous, with node:fs/promises.
import { readFile, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { folders } from './corpus.cjs';

const here = dirname(fileURLToPath(import.meta.url));

async function* walk(folder) {
    const entries = await readdir(join(here, folder), { withFileTypes: true });
    entries.sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const entry of entries) {
        const name = `${folder}/${entry.name}`;
        if (entry.isDirectory()) {
            yield* walk(name);
        } else if (entry.isFile()) {
            yield name;
        }
    }
}

/** All files of these folders whose name matches, as { name, text }: 1 MiB of text at least. */
export async function gather(pattern, under = folders()) {
    const names = [];
    for (const folder of under) {
        for await (const name of walk(folder)) {
            if (pattern.test(name)) {
                names.push(name);
            }
        }
    }
    const texts = await Promise.all(names.map((name) => readFile(join(here, name), 'utf8')));
    const bytes = texts.reduce((sum, text) => sum + bytesOf(text), 0);
    if (bytes < 1024 * 1024) {
        throw new Error(`only ${bytes} bytes match ${pattern}: is everything installed?`);
    }
    return names.map((name, i) => ({ name, text: texts[i] }));
}

/** Bytes of a text in UTF-8. */
export function bytesOf(text) {
    return new TextEncoder().encode(text).length;
}
