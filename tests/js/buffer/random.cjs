/* A fixed sequence of pseudo-random numbers (xorshift, 32 bits), and a hash to compare much by. */
let state = 0x9E3779B9;

function next() {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
}

const below = (limit) => next() % limit;
const pick = (list) => list[below(list.length)];

/* FNV-1a over the UTF-16 units of a text. */
class Hash {
    value = 0x811C9DC5;
    add(text) {
        const all = String(text);
        for (let i = 0; i < all.length; i++) {
            this.value = Math.imul(this.value ^ all.charCodeAt(i), 0x01000193);
        }
        return this;
    }
    toString() {
        return (this.value >>> 0).toString(16).padStart(8, '0');
    }
}

function bytes(length) {
    const list = new Uint8Array(length);
    for (let i = 0; i < length; i++) {
        list[i] = below(256);
    }
    return list;
}

/* What a function gives or throws, as text. */
function outcome(fn) {
    try {
        const value = fn();
        return typeof value === 'bigint' ? value + 'n' : Object.is(value, -0) ? '-0' : String(value);
    } catch (error) {
        return error.name + ' ' + (error.code ? error.code + ' ' + error.message : '');
    }
}

module.exports = { Hash, below, bytes, next, outcome, pick };
