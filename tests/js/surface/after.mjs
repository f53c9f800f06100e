// F1 after a test: what a script can reach is the same when another program has run.
//
//   millrace run tests/js/surface/after.mjs REPORT PROGRAM [argument…]
//
// Runs PROGRAM, a path, and writes what has changed into the file REPORT at its exit.
import { writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { differences, surface } from './walk.mjs';
import { modules } from './modules.mjs';

const { apply } = Reflect;
const join = Array.prototype.join;
const [, , report, program] = process.argv;
const before = surface(modules);

process.on('exit', () => {
    const lines = differences(before, surface(modules));
    writeFileSync(report, lines.length === 0 ? '' : apply(join, lines, ['\n']) + '\n');
});
process.argv.splice(1, 3, program);
await import(pathToFileURL(program).href);
