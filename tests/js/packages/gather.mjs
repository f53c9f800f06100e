// What corpus.cjs does, for modules: asynchronous, with node:fs/promises.
import { readFile, readdir, stat } from 'node:fs/promises';
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

/** All files of these folders whose name matches, as { name, text, size }: 1 MiB of text at least. */
export async function gather(pattern, under = folders()) {
    const names = [];
    for (const folder of under) {
        for await (const name of walk(folder)) {
            if (pattern.test(name)) {
                names.push(name);
            }
        }
    }
    const documents = await Promise.all(names.map(async (name) => {
        const file = join(here, name);
        const [text, { size }] = await Promise.all([readFile(file, 'utf8'), stat(file)]);
        return { name, text, size };
    }));
    const bytes = documents.reduce((sum, { size }) => sum + size, 0);
    if (bytes < 1024 * 1024) {
        throw new Error(`only ${bytes} bytes match ${pattern}: is everything installed?`);
    }
    return documents;
}
