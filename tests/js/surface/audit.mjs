// F1 contract table: what a script can reach is what table.txt says, no more and no less.
//
//   millrace run tests/js/surface/audit.mjs            compare
//   millrace run tests/js/surface/audit.mjs --update   write the table anew (make update-surface)
import { readFileSync, writeFileSync } from 'node:fs';
import { modules } from './modules.mjs';
import { differences, engineSurface, surface } from './walk.mjs';

// A line a fact, its parts between tabs, so that changes of two branches merge by lines:
//   engine    VERSION
//   ecmascript OBJECT NAME…            what the engine's own objects have, of that version
//   OBJECT    kind|prototype|.KEY TEXT
const file = import.meta.dirname + '/table.txt';

function write({ engine, ecmascript, surface }) {
    const lines = [`engine\t${engine}`];
    for (const [name, keys] of Object.entries(ecmascript)) lines.push(`ecmascript\t${name}\t${keys.join(' ')}`);
    for (const [name, facts] of Object.entries(surface)) {
        for (const [key, text] of Object.entries(facts)) lines.push(`${name}\t${key}\t${text}`);
    }
    writeFileSync(file, lines.join('\n') + '\n');
}

function read() {
    const table = { ecmascript: {}, surface: {}, twice: [] };
    for (const line of readFileSync(file, 'utf8').trimEnd().split('\n')) {
        const [name, key, text] = line.split('\t');
        if (name === 'engine') {
            table.engine = key;
        } else if (name === 'ecmascript') {
            table.ecmascript[key] = text.split(' ');
        } else {
            const facts = (table.surface[name] ??= {});
            if (Object.hasOwn(facts, key)) table.twice.push(`twice       ${name}: ${key}`);
            facts[key] = text;
        }
    }
    return table;
}

const have = { engine: process.versions.quickjs, ecmascript: engineSurface(), surface: surface(modules) };
if (process.argv[2] === '--update') {
    write(have);
    process.exit(0);
}

const want = read();
const lines = [...want.twice, ...differences(want.surface, have.surface)];
if (want.engine === have.engine) {
    for (const [name, keys] of Object.entries(have.ecmascript)) {
        const declared = new Set(want.ecmascript[name]);
        for (const key of keys) if (!declared.delete(key)) lines.push(`undeclared  %${name}%: ${key}`);
        for (const key of declared) lines.push(`missing     %${name}%: ${key}`);
    }
} else {
    console.log(`the engine is ${have.engine}, the table is of ${want.engine}: ECMAScript is not compared`);
}
for (const line of lines) console.log(line);
if (lines.length > 0) console.log('what is meant goes into the table with: make update-surface');
console.log(`${Object.keys(have.surface).length} objects, ${lines.length} differences`);
process.exitCode = lines.length > 0 ? 1 : 0;
