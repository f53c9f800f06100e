// F2 URL: what the standard says and Node.js 20, whose parser is older, does not
const show = (input, base) => {
    try {
        return new URL(input, base).href;
    } catch (error) {
        return error.code;
    }
};
console.log(show('http://h/^'), show('x://h/^'), new URL('http://h/?^#^').href); // ^ in paths: 2025
console.log(show('x:a  ?q'), show('x:a  #f'), show('x:a  ')); // opaque paths keep no space at their end: 2025
const spaces = new URL('x:a  ?q');
spaces.search = '';
console.log(spaces.href);
console.log(show('a#f', 'x:opaque'), show('..', 'x://h/p'), show('../../..', 'x:/a/b'));
for (const value of ['y:1', 'y', '', '[::1]:2']) {
    const url = new URL('x:/a');
    url.host = value;
    console.log(url.href);
}
const port = new URL('http://h:81/');
port.port = 'x1';
console.log(port.href);
const host = new URL('x://h/');
host.host = ':1';
console.log(host.href);
host.host = 'k:2z';
console.log(host.href);
console.log(new URLSearchParams(null).toString());
for (const member of ['href', 'searchParams']) {
    try {
        Reflect.get(URL.prototype, member);
    } catch (error) {
        console.log(error.code);
    }
}
// toascii.json of the web-platform tests, of 2025
const domains = {
    'aa--': 'aa--', 'a\u2020--': 'xn--a---kp0a', '-\u2020': 'xn----xhn', '-x.\u00df': '-x.xn--zca', 'x-.xn--zca': 'x-.xn--zca',
    'x..\u00df': 'x..xn--zca', 'xn--a': null, 'xn--a.\u00df': null, 'xn--ls8h=': null, 'xn--te\u0161la': null,
    'xn--zca.\u00df': 'xn--zca.xn--zca', 'ab--c.\u00df': 'ab--c.xn--zca', '\u200d.example': null, 'xn--1ug.example': null,
    '\u064aa': null, '\u064a.': 'xn--mhb.', '1.\u064a': '1.xn--mhb', '\u064a.1': null, 'xn--mhb.1': null, 'xn--a-yoc': null,
    '\u0dc1\u0dca\u200d\u0dbb\u0dd3': 'xn--10cl1a0b660p', '\u0646\u0627\u0645\u0647\u200c\u0627\u06cc': 'xn--mgba3gch31f060k',
    '\ufffd.com': null, 'xn--zn7c.com': null, [`x${'0123456789'.repeat(6)}01\u2020`]: `xn--x${'0123456789'.repeat(6)}01-6963b`,
    'a\u00adb': 'ab', '\u2260': 'xn--1ch', '\u226e': 'xn--gdh', '\u226f': 'xn--hdh',
};
for (const [input, expected] of Object.entries(domains)) {
    let got = null;
    if (URL.canParse(`https://${input}/x`)) got = new URL(`https://${input}/x`).host;
    const url = new URL('https://h/');
    url.host = input;
    if (got !== expected || url.hostname !== (expected ?? 'h')) console.log(input, got, url.hostname, expected);
}
