'use strict';
// The text that all programs here work on: the files that came with the packages of the lock file,
// in a fixed order. Nobody here wrote it.
const fs = require('node:fs');
const path = require('node:path');
const lock = require('./package-lock.json');

const MEBIBYTE = 1024 * 1024;

/** The folders of all packages that are surely there: ['node_modules/acorn', …]. */
function folders() {
    return Object.entries(lock.packages)
        .filter(([name, { optional }]) => name !== '' && !optional)
        .map(([name]) => name)
        .sort();
}

function* walk(folder) {
    const entries = fs.readdirSync(path.join(__dirname, folder), { withFileTypes: true });
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
function collect(pattern, under = folders()) {
    const documents = [];
    let bytes = 0;
    for (const folder of under) {
        for (const name of walk(folder)) {
            if (pattern.test(name)) {
                const file = path.join(__dirname, name);
                documents.push({ name, text: fs.readFileSync(file, 'utf8') });
                bytes += fs.statSync(file).size;
            }
        }
    }
    if (bytes < MEBIBYTE) {
        throw new Error(`only ${bytes} bytes match ${pattern}: is everything installed?`);
    }
    return documents;
}

module.exports = { collect, folders };
