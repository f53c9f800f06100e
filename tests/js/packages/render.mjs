// marked: every Markdown file of the packages as HTML. With --summary, a line on standard error.
import process from 'node:process';
import { marked } from 'marked';
import { bytesOf, gather } from './gather.mjs';

const documents = await gather(/\.md$/);
const started = performance.now();
const pages = [];
for (const { name, text } of documents) {
    pages.push(`<!-- ${name} -->\n${await marked.parse(text, { async: true })}`);
}
const html = pages.join('\n');
const seconds = (performance.now() - started) / 1000;
process.stdout.write(html);

if (process.argv.includes('--summary')) {
    const input = documents.reduce((sum, { text }) => sum + bytesOf(text), 0);
    console.error(`marked: ${documents.length} Markdown files, ${input} bytes in, ` +
        `${bytesOf(html)} bytes of HTML out, ${seconds.toFixed(2)} s`);
}
