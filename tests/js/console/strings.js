// Quotes, escapes, long strings, strings of several lines.
console.log('raw \x07 \n top', "it's");
console.log(['plain', "it's", 'say "hi"', `it's "both"`, `it's "all" \`three\``, "it's \"${x}\"", '\\']);
console.log(['\n\r\t\b\f\v\0', '\x1b[31m', '\x7f\x80\x9f\xa0', '\u200b', '\u2028', 'é', '日本', '😀']);
console.log(['\ud800', '\udc00x', 'a\ud83d', '\ud83d\ude00', '\ude00\ud83d']);
console.log({ 'a b': 1, a_b: 2, _: 3, '1a': 4, 'é': 5, "it's": 6, '': 7, 'a-b': 8, 12: 9, '\n': 10 });
const lines = 'the first line of it\nthe second line of it\nthe third line of it, which is longer\n';
console.log([lines], { lines }, { a: { lines } });
console.log(['short\nlines'], ['x'.repeat(17) + '\n' + 'y'.repeat(70)]);
console.log(['x'.repeat(100)], { key: 'y'.repeat(100) });
for (const maxStringLength of [0, 1, 5, 9999, null, Infinity]) {
    console.dir('abcdefgh', { maxStringLength });
    console.dir(['a😀b'], { maxStringLength });
}
console.dir('z'.repeat(10002));
console.dir([lines], { breakLength: 40 });
console.dir([lines], { breakLength: Infinity });
console.dir([lines], { compact: true });
console.log(new Map([[lines, lines]]), new Set([lines]));
