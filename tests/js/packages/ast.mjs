// acorn: parse real JavaScript and print, for each file, a hash of the whole tree, then how often
// each kind of node and each identifier occurs.
import { Node, parse, version } from 'acorn';
import { gather } from './gather.mjs';

/** FNV-1a over UTF-16 code units. */
class Hash {
    value = 0x811c9dc5;

    add(text) {
        let value = this.value;
        for (let i = 0; i < text.length; i++) {
            value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
        }
        this.value = value;
    }

    toString() {
        return (this.value >>> 0).toString(16).padStart(8, '0');
    }
}

const kinds = new Map();
const names = new Map();

function count(map, key) {
    map.set(key, (map.get(key) ?? 0) + 1);
}

function visit(value, hash) {
    if (Array.isArray(value)) {
        hash.add('[');
        for (const item of value) {
            visit(item, hash);
        }
        hash.add(']');
    } else if (value instanceof Node) {
        count(kinds, value.type);
        if (value.type === 'Identifier') {
            count(names, value.name);
        }
        for (const [key, item] of Object.entries(value)) {
            hash.add(`${key}:`);
            visit(item, hash);
        }
    } else if (value !== null && typeof value === 'object' && !(value instanceof RegExp)) {
        visit(Object.entries(value), hash);
    } else {
        hash.add(`${typeof value} ${value}\n`);
    }
}

function print(title, map) {
    console.log(`\n${title}: ${map.size}`);
    const rows = [...map].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
    for (const [key, times] of rows) {
        console.log(`${String(times).padStart(7)}  ${key}`);
    }
}

console.log(`acorn ${version}`);
const files = await gather(/(undici|rxjs\/dist\/esm)\/.*\.js$/);
for (const { name, text } of files) {
    const comments = [];
    const tokens = [];
    const tree = parse(text, {
        ecmaVersion: 'latest',
        sourceType: name.includes('/esm/') ? 'module' : 'commonjs',
        onComment: comments,
        onToken: tokens,
    });
    const hash = new Hash();
    visit(tree, hash);
    console.log(`${hash} ${name}: ${tree.end} characters, ${tokens.length} tokens, ` +
        `${comments.length} comments`);
}
print('Kinds of node', kinds);
print('Identifiers', names);
