'use strict';
// js-yaml: each Markdown file as a list of sections, and each package.json, dumped as YAML, loaded
// again, compared with what it was, and printed.
const assert = require('node:assert');
const yaml = require('js-yaml');
const { collect } = require('./corpus.cjs');

function sections(text) {
    const list = [{ title: null, lines: [], words: 0 }];
    for (const line of text.split('\n')) {
        const heading = /^#{1,6} +(.*)$/.exec(line);
        if (heading !== null) {
            list.push({ title: heading[1], lines: [], words: 0 });
        } else {
            const section = list.at(-1);
            section.lines.push(line);
            section.words += line.split(/\s+/).filter(Boolean).length;
        }
    }
    return list.map(({ title, lines, words }) => ({ title, words, body: lines.join('\n') }));
}

const documents = collect(/\.md$|\/package\.json$/).map(({ name, text }) => ({
    name,
    content: name.endsWith('.json') ? JSON.parse(text) : sections(text),
}));
const dumped = yaml.dump(documents, { lineWidth: 100 });
const loaded = yaml.load(dumped);
assert.deepStrictEqual(loaded, documents);
process.stdout.write(dumped);
