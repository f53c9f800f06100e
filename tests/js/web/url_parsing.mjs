// F2 URL: parsing, the parts and their setters, receivers
const keys = ['href', 'origin', 'protocol', 'username', 'password', 'host', 'hostname', 'port', 'pathname',
    'search', 'hash'];
const show = (url) => keys.map((key) => url[key]).join(' | ');
function parse(input, base) {
    try {
        console.log(JSON.stringify(input), base ?? '', '->', show(new URL(input, base)));
    } catch (error) {
        console.log(JSON.stringify(input), base ?? '', '->', error.name, error.code, error.input === input);
    }
}

const absolute = [
    'http://example.com', 'HTTP://EXAMPLE.com:80/', 'https://u:p@h:444/a/b?c=d#e', 'http://h:/', 'http://h:65536/',
    'http:h', 'http:/h', 'http:///h', 'http:\\\\h\\a\\b', 'http://h/a/./b/../c/%2e/%2E%2e/d', 'http://h/..', 'http://h?x', 'http://h#x',
    ' \t http://a\nb.c/ \r', 'http://', 'http://@/', 'http://u@', 'http://a b/', 'http://a%20b/', 'http://%41.com', 'http://a<b',
    'http://u:p:q@h/', 'http://a@b@c/', 'http://:p@h', 'http://u:@h', 'http://é:ü@h/', 'http://h/é?é#é', "http://h/?'#'", "x://h/?'#'",
    'http://1.2.3', 'http://0x7f.1', 'http://010.010', 'http://256', 'http://4294967296', 'http://1.2.3.4.5', 'http://1.2.3.4.',
    'http://1..2', 'http://09', 'http://1.2.3.256', 'http://foo.0x', 'http://foo.09', 'http://1e3', 'x://1.2.3',
    'http://[::]', 'http://[1:2:3:4:5:6:7:8]', 'http://[1::8]:80/', 'http://[2001:DB8:0:0:1:0:0:1]', 'http://[::1.2.3.4]', 'http://[1:0:0:2::3]',
    'http://[::1', 'http://[1:2:3:4:5:6:7:8:9]', 'http://[1:2]', 'http://[::1.2.3]', 'http://[::01.2.3.4]', 'http://[:1]', 'http://[1::2::3]', 'http://[g::]', 'http://[::1%25a]',
    'http://faß.de', 'http://☕.example', 'http://BÜCHER.example', 'http://xn--bcher-kva.example', 'http://xn--', 'http://a\u00ADb.c', 'http://\u00AD', 'http://日本。jp',
    'http://a\u200Db', 'http://\u05D0a', 'http://1.\u05D0', 'http://a--b', 'http://-a-', 'http://a..b', 'http://%C3%BC.de', 'http://%FF',
    'file:///a/b', 'file:a', 'file://', 'file:///C|/x', 'file:///C:/..', 'file:///C:/../..', 'file://localhost/x', 'file://h/C|/x', 'file:\\\\h\\s', 'file:///a//b', 'file://C:/x', 'file:c:\\a',
    'mailto:a@b', 'data:text/plain,a b', 'javascript:alert(1)', 'x:/a/../b', 'x://h', 'x:///a', 'x:', 'x:a/../b', 'x:/..//p', 'x:/.//p', 'x://H.%41/',
    'blob:https://h:1/x', 'blob:x', 'blob:ftp://h/', 'ftp://h:21/', 'ws://h:80', 'wss://h:443', 'a1+-.:x', '1a:x', '', '/', '//h', '?', '#', 'x',
    'http://h/%', 'http://h/%zz%41', 'http://h/a|b"<>`{}', 'http://h/?a|b"<>`{}', 'http://h/#a|b"<>`{}', 'http://h/\u0000\u007f', 'http://h/\ud800\u{1F4A9}', 'x://a|b', 'x://a b', 'x://a%zz',
];
for (const input of absolute) parse(input);

const relative = ['', '.', '..', '../../..', 'x', '/x', '//o/x', '///x', '?q', '#f', 'http:x', 'http:/x', 'https:x', 'x:y', '\\x', '\\\\o', 'C|/x', '/C|/x', './C:', ' x ', 'a:b', ';p', 'é'];
for (const base of ['http://u:p@h:81/a/b/c?q#f', 'file:///C:/a/b', 'file://h/a/b', 'x://h/a/b/c/d/e', 'x:/a/b/c/d/e']) {
    for (const input of relative) parse(input, base);
}
for (const base of ['x:opaque', 'relative', 'http://[']) parse('', base);
parse('#f', 'x:opaque?q');

const values = {
    href: ['x:y', 'bad', ''],
    protocol: ['https', 'ftp:', 'file', 'x', 'http:80', '', '1', 'h\nttps', 'HTTPS'],
    username: ['', 'a b', 'é@:', undefined],
    password: ['', 'p:q', null],
    host: ['x', 'x:1', 'x:80', 'x:99999', '', 'x/y', 'a b', '[::1]:2', 'é.de', '1.2', 'x?y'],
    hostname: ['x', '', '[::1]', 'x/y', 'a#b', '\\x', 'a b'],
    port: ['', '1', '80', '443', '65536', '1x', ' 2', '007', 3.5, -1, '9\n0'],
    pathname: ['', 'a', '/a/../b', '?#', '//x', '\\a', '\ud800', '%2e%2E/x'],
    search: ['', '?', 'a', '?a#b', "'", '??'],
    hash: ['', '#', 'a', '##a', '`'],
};
for (const start of ['http://u:p@h:81/a?q#f', 'file:///C:/a', 'x://h:1/a?q', 'x:/a', 'x:opaque?q#f', 'http://h']) {
    for (const [key, list] of Object.entries(values)) {
        for (const value of list) {
            if (start === 'x:/a' && key.startsWith('host')) continue; // see url_standard.mjs
            const url = new URL(start);
            try {
                url[key] = value;
                console.log(start, key, JSON.stringify(value), '->', show(url));
            } catch (error) {
                console.log(start, key, JSON.stringify(value), '->', error.code);
            }
        }
    }
}

for (const key of [...keys, 'searchParams']) {
    const { get, set } = Object.getOwnPropertyDescriptor(URL.prototype, key);
    console.log(key, get.name, set?.name, set?.length);
    for (const value of [undefined, {}, URL.prototype, new URLSearchParams()]) {
        try {
            console.log(Reflect.apply(get, value, []));
        } catch (error) {
            console.log(error.name);
        }
    }
}
