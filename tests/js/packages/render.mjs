// marked: every section of every Markdown file of the packages as HTML. With --summary, a line on
// standard error.
import process from 'node:process';
import { marked } from 'marked';
import { gather } from './gather.mjs';

/** The parts between headings; a heading inside a code block is none. */
function* sections(text) {
    let lines = [];
    let fenced = false;
    for (const line of text.split(/(?<=\n)/)) {
        fenced = fenced !== /^ {0,3}```/.test(line);
        if (!fenced && /^#{1,6} /.test(line)) {
            yield lines.join('');
            lines = [];
        }
        lines.push(line);
    }
    yield lines.join('');
}

const documents = await gather(/\.md$/);
const started = performance.now();
const pages = [];
for (const { name, text } of documents) {
    pages.push(`<!-- ${name} -->\n`);
    for (const section of sections(text)) {
        pages.push(await marked.parse(section, { async: true }));
    }
}
const html = pages.join('');
const seconds = (performance.now() - started) / 1000;
process.stdout.write(html);

if (process.argv.includes('--summary')) {
    const bytes = documents.reduce((sum, { size }) => sum + size, 0);
    console.error(`marked: ${documents.length} Markdown files, ${bytes} bytes in, ` +
        `${html.length} characters of HTML out, ${seconds.toFixed(2)} s`);
}
