'use strict';
// uglify-js: lodash and handlebars made small, with the names of variables shortened.
const UglifyJS = require('uglify-js');
const { collect } = require('./corpus.cjs');

const sources = collect(/\/(lodash|handlebars\.amd)\.js$/);
for (const { name, text } of sources) {
    const { code, error } = UglifyJS.minify({ [name]: text }, { compress: false, mangle: true });
    if (error) {
        throw error;
    }
    console.log(`// ${name}: ${text.length} characters, now ${code.length}\n${code}`);
}
