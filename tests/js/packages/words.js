'use strict';
// lodash: the words of all Markdown files by frequency, and the headings in four spellings.
const _ = require('lodash');
const { collect } = require('./corpus.cjs');

const documents = collect(/\.md$/);
const line = _.template('<%- _.padStart(times, 6) %>  <%- word %>\n', { imports: { _ } });

const frequencies = _(documents)
    .flatMap(({ text }) => _.words(_.deburr(text)))
    .countBy(_.toLower)
    .toPairs()
    .orderBy([1, 0], ['desc', 'asc'])
    .map(([word, times]) => line({ word, times }))
    .value();
process.stdout.write(frequencies.join(''));

const headings = _.uniq(_.flatMap(documents, ({ text }) => text.match(/^#+ .+$/gm) ?? []));
for (const heading of headings) {
    const title = _.trimStart(heading, '# ');
    console.log([_.camelCase, _.snakeCase, _.startCase, _.escape].map((f) => f(title)).join(' | '));
}

const tree = _.groupBy(documents, ({ name }) => name.split('/')[1]);
console.log(_.mapValues(tree, (files) => _.sumBy(files, 'text.length')));
