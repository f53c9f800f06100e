'use strict';
// markdown-it: the tokens of every Markdown file counted, and the files as HTML, with typographic
// replacements and links made of bare addresses.
const MarkdownIt = require('markdown-it');
const { collect } = require('./corpus.cjs');

const counts = {};
const markdown = new MarkdownIt({ html: true, linkify: true, typographer: true });
for (const { name, text } of collect(/\.md$/)) {
    const tokens = markdown.parse(text, {});
    for (const { type } of tokens) {
        counts[type] = (counts[type] ?? 0) + 1;
    }
    process.stdout.write(`<!-- ${name} -->\n${markdown.renderer.render(tokens, markdown.options, {})}`);
}
console.log('%o', counts);
