'use strict';
// handlebars: all lines of all Markdown files, escaped into one HTML page by a template with
// helpers, partials and block parameters.
const path = require('path');
const Handlebars = require('handlebars');
const { collect } = require('./corpus.cjs');

Handlebars.registerHelper('upper', (text) => text.toUpperCase());
Handlebars.registerHelper('link', (text, { hash }) =>
    new Handlebars.SafeString(`<a href="#${hash.to}">${Handlebars.escapeExpression(text)}</a>`));
Handlebars.registerHelper('longest', function longest(lines, options) {
    const longestLine = lines.reduce((best, line) => (line.length > best.length ? line : best), '');
    return options.fn({ longestLine }, { data: options.data });
});
Handlebars.registerPartial('lines', `
<ol>
{{#each lines as |line number|}}
  {{#unless @last}}<li id="{{@../index}}.{{number}}">{{line}}</li>{{else}}<li>{{line}}</li>{{/unless}}
{{else}}
  <li>nothing</li>
{{/each}}
</ol>`);

const page = Handlebars.compile(`<!DOCTYPE html>
<title>{{upper title}}</title>
{{#each files}}
{{#with this}}
<h2>{{@index}} {{link name to=base}}</h2>
{{#longest lines}}<p>{{longestLine}} {{{longestLine}}}</p>{{/longest}}
{{> lines}}
{{/with}}
{{/each}}
`, { strict: false });

const files = collect(/\.md$/).map(({ name, text }) => ({
    name,
    base: path.basename(name, '.md'),
    lines: text.split(/\r?\n/),
}));
process.stdout.write(page({ title: 'What the packages say', files }));
