// F1 contract table: what a script can reach is what tests/js/surface.json says, no more and no less.
//
//   millrace run tests/js/surface/audit.mjs              compare; with FILE, with that table
//   millrace run tests/js/surface/audit.mjs --update     write the table anew (make update-surface)
//
// The table is one object: "engine", the version of QuickJS; "ecmascript", what the engine's own
// objects have, compared where that version runs; "runtime", all the rest. An entry a line, sorted,
// in the form that walk.mjs tells of, so that changes of two branches merge by lines.
import { readFileSync, writeFileSync } from 'node:fs';
import { modules } from './modules.mjs';
import { differences, engineSurface, surface } from './walk.mjs';

const parts = ['ecmascript', 'runtime'];

function text(table) {
    const lines = (part) => Object.entries(part).map(([path, entry]) => `${JSON.stringify(path)}: ${entry}`).join(',\n');
    const rest = parts.map((part) => `,\n${JSON.stringify(part)}: {\n${lines(table[part])}\n}`).join('');
    return `{\n"engine": ${JSON.stringify(table.engine)}${rest}\n}\n`;
}

function read(file) {
    const found = readFileSync(file, 'utf8');
    const table = JSON.parse(found);
    for (const part of parts) {
        for (const path of Object.keys(table[part])) table[part][path] = JSON.stringify(table[part][path]);
    }
    return { ...table, asWritten: text(table) === found };
}

const have = { engine: process.versions.quickjs, ecmascript: engineSurface(), runtime: surface(modules) };
const argument = process.argv[2];
const standard = import.meta.dirname + '/../surface.json';
if (argument === '--update') {
    writeFileSync(standard, text(have));
    process.exit(0);
}

const want = read(argument ?? standard);
const lines = differences(want.runtime, have.runtime);
if (want.engine === have.engine) lines.push(...differences(want.ecmascript, have.ecmascript));
else console.log(`the engine is ${have.engine}, the table is of ${want.engine}: ECMAScript is not compared`);
// A path that stands twice, or out of order, is one that a merge has left.
if (!want.asWritten) lines.push('malformed   the table is not as make update-surface writes it');
for (const line of lines) console.log(line);
if (lines.length > 0) console.log('what is meant goes into the table with: make update-surface');
console.log(`${Object.keys(have.runtime).length} entries of ours, ${lines.length} differences`);
process.exitCode = lines.length > 0 ? 1 : 0;
