/* Deep equality, loose and strict, with the rules of node:assert.
 *
 * A Comparison is one walk over two graphs. A pair that is met again while it is being compared counts
 * as equal, so cycles are equal if nothing on the way round them differs. Strict adds to loose:
 * ===-like primitives, prototypes, enumerable symbol keys. */
const {
    ArrayIsArray,
    ArrayPrototypePush,
    BigIntPrototypeValueOf,
    Boolean,
    BooleanPrototypeValueOf,
    DatePrototypeGetTime,
    Error,
    FunctionPrototypeSymbolHasInstance,
    Map,
    MapIteratorPrototypeNext,
    MapPrototypeEntries,
    MapPrototypeGet,
    MapPrototypeGetSize,
    MapPrototypeHas,
    MapPrototypeSet,
    NumberIsNaN,
    NumberPrototypeValueOf,
    ObjectGetOwnPropertySymbols,
    ObjectGetPrototypeOf,
    ObjectHasOwn,
    ObjectIs,
    ObjectKeys,
    ObjectPrototypePropertyIsEnumerable,
    ObjectPrototypeToString,
    RegExpPrototypeGetFlags,
    RegExpPrototypeGetSource,
    Set,
    SetIteratorPrototypeNext,
    SetPrototypeAdd,
    SetPrototypeDelete,
    SetPrototypeGetSize,
    SetPrototypeHas,
    SetPrototypeValues,
    StringPrototypeValueOf,
    SymbolPrototypeValueOf,
    TypedArrayPrototypeGetLength,
    Uint8Array,
} = primordials;
const types = require('internal/typetests');
const { getOwnNonIndexProperties } = binding('util');

const isObject = (value) => typeof value === 'object' && value !== null;
const isError = (value) =>
    types.isNativeError(value) || FunctionPrototypeSymbolHasInstance(Error, value);

/* ---- Kinds of objects whose contents are not properties ---------------------------------------*/

function sameDates(a, b) {
    return types.isDate(b) && DatePrototypeGetTime(a) === DatePrototypeGetTime(b);
}

function sameRegExps(a, b) {
    return types.isRegExp(b) && RegExpPrototypeGetSource(a) === RegExpPrototypeGetSource(b) &&
        RegExpPrototypeGetFlags(a) === RegExpPrototypeGetFlags(b) && a.lastIndex === b.lastIndex;
}

const unbox = {
    __proto__: null,
    isNumberObject: NumberPrototypeValueOf,
    isStringObject: StringPrototypeValueOf,
    isBooleanObject: BooleanPrototypeValueOf,
    isBigIntObject: BigIntPrototypeValueOf,
    isSymbolObject: SymbolPrototypeValueOf,
};

function sameBoxes(a, b) {
    for (const test in unbox) {
        if (types[test](a)) {
            return types[test](b) && ObjectIs(unbox[test](a), unbox[test](b));
        }
    }
    return false;
}

function sameElements(a, b) {
    const length = TypedArrayPrototypeGetLength(a);
    if (length !== TypedArrayPrototypeGetLength(b)) {
        return false;
    }
    for (let i = 0; i < length; i++) {
        if (a[i] !== b[i]) {
            return false;
        }
    }
    return true;
}

const bytesOf = (view) => new Uint8Array(view.buffer, view.byteOffset, view.byteLength);

/* Floats are equal by value when loose; all else is compared byte by byte. */
function sameViews(a, b, strict) {
    if (!types.isArrayBufferView(b)) {
        return false;
    }
    const floats = types.isFloat32Array(a) || types.isFloat64Array(a);
    if (!strict && floats && types.isTypedArray(b)) {
        return sameElements(a, b);
    }
    return sameElements(bytesOf(a), bytesOf(b));
}

function sameBuffers(a, b) {
    return types.isAnyArrayBuffer(b) && sameElements(new Uint8Array(a), new Uint8Array(b));
}

function sameHidden(a, b, key) {
    const shown = ObjectPrototypePropertyIsEnumerable(a, key);
    return shown === ObjectPrototypePropertyIsEnumerable(b, key) && (shown || a[key] === b[key]);
}

function isURL(value) {
    return Boolean(value?.href && value.protocol && value.auth === undefined &&
        value.path === undefined);
}

/* Whether b is of a kind that a plain object can not be equal to. */
function isSpecial(b) {
    return ArrayIsArray(b) || types.isArrayBufferView(b) || types.isSet(b) || types.isMap(b) ||
        types.isDate(b) || types.isRegExp(b) || types.isAnyArrayBuffer(b) ||
        types.isBoxedPrimitive(b) || isError(b);
}

/* ---- Keys -------------------------------------------------------------------------------------*/

function enumerableSymbols(object) {
    const symbols = ObjectGetOwnPropertySymbols(object);
    const found = [];
    for (let i = 0; i < symbols.length; i++) {
        if (ObjectPrototypePropertyIsEnumerable(object, symbols[i])) {
            ArrayPrototypePush(found, symbols[i]);
        }
    }
    return found;
}

/* The keys to compare, those of an array or typed array without its indexes. */
function keysOf(object, strict, indexed) {
    if (indexed) {
        const keys = getOwnNonIndexProperties(object, true);
        const wanted = [];
        for (let i = 0; i < keys.length; i++) {
            if (strict || typeof keys[i] !== 'symbol') {
                ArrayPrototypePush(wanted, keys[i]);
            }
        }
        return wanted;
    }
    const keys = ObjectKeys(object);
    if (strict) {
        const symbols = enumerableSymbols(object);
        for (let i = 0; i < symbols.length; i++) {
            ArrayPrototypePush(keys, symbols[i]);
        }
    }
    return keys;
}

/* ---- Loose primitives in collections ----------------------------------------------------------*/

const MAYBE = 1;

/* What a primitive that is not found by === may equal loosely: nothing (false), one other value
 * ({ value }), or several, which then have to be tried (MAYBE). */
function looseMatch(primitive) {
    switch (typeof primitive) {
    case 'undefined':
        return { __proto__: null, value: null };
    case 'object':
        return { __proto__: null, value: undefined };
    case 'symbol':
        return false;
    case 'string':
        return !NumberIsNaN(+primitive) && MAYBE;
    case 'number':
        return !NumberIsNaN(primitive) && MAYBE;
    default:
        return MAYBE;
    }
}

/* ---- The walk ---------------------------------------------------------------------------------*/

class Comparison {
    #strict;
    #open = new Map(); /* from a left object to the right ones it is being compared with */

    constructor(strict) {
        this.#strict = strict;
    }

    equal(a, b) {
        if (a === b) {
            return a !== 0 || !this.#strict || ObjectIs(a, b);
        }
        if (!isObject(a) || !isObject(b)) {
            return this.#primitives(a, b);
        }
        if (this.#strict && ObjectGetPrototypeOf(a) !== ObjectGetPrototypeOf(b)) {
            return false;
        }
        return ObjectPrototypeToString(a) === ObjectPrototypeToString(b) && this.#objects(a, b);
    }

    #primitives(a, b) {
        if (this.#strict) {
            return typeof a === 'number' && NumberIsNaN(a) && NumberIsNaN(b);
        }
        if (isObject(a) || isObject(b)) {
            return false;
        }
        // eslint-disable-next-line eqeqeq
        return a == b || (NumberIsNaN(a) && NumberIsNaN(b));
    }

    #objects(a, b) {
        if (ArrayIsArray(a)) {
            return ArrayIsArray(b) && a.length === b.length &&
                this.#keyed(a, b, true, this.#arrays);
        }
        if (ObjectPrototypeToString(a) === '[object Object]') {
            return this.#keyed(a, b, false);
        }
        if (types.isArrayBufferView(a)) {
            return sameViews(a, b, this.#strict) && this.#keyed(a, b, types.isTypedArray(a));
        }
        if (types.isSet(a)) {
            return types.isSet(b) && SetPrototypeGetSize(a) === SetPrototypeGetSize(b) &&
                this.#keyed(a, b, false, this.#sets);
        }
        if (types.isMap(a)) {
            return types.isMap(b) && MapPrototypeGetSize(a) === MapPrototypeGetSize(b) &&
                this.#keyed(a, b, false, this.#maps);
        }
        return this.#sameInside(a, b) && this.#keyed(a, b, false);
    }

    #sameInside(a, b) {
        if (types.isDate(a)) {
            return sameDates(a, b);
        }
        if (types.isRegExp(a)) {
            return sameRegExps(a, b);
        }
        if (isError(a)) {
            return this.#errors(a, b);
        }
        if (types.isAnyArrayBuffer(a)) {
            return sameBuffers(a, b);
        }
        if (types.isBoxedPrimitive(a)) {
            return sameBoxes(a, b);
        }
        if (isURL(a)) {
            return isURL(b) && a.href === b.href;
        }
        return !isSpecial(b);
    }

    /* What makes an error is compared although it is not enumerable. */
    #errors(a, b) {
        return isError(b) && sameHidden(a, b, 'message') && sameHidden(a, b, 'name') &&
            this.#sameHiddenDeep(a, b, 'cause') && this.#sameHiddenDeep(a, b, 'errors');
    }

    #sameHiddenDeep(a, b, key) {
        const shown = ObjectPrototypePropertyIsEnumerable(a, key);
        return shown === ObjectPrototypePropertyIsEnumerable(b, key) &&
            (shown || this.equal(a[key], b[key]));
    }

    /* Compare the keys, then what `contents` compares, then the properties. */
    #keyed(a, b, indexed, contents) {
        const keys = keysOf(a, this.#strict, indexed);
        if (keys.length !== keysOf(b, this.#strict, indexed).length) {
            return false;
        }
        for (let i = 0; i < keys.length; i++) {
            if (!ObjectPrototypePropertyIsEnumerable(b, keys[i])) {
                return false;
            }
        }
        if (this.#isOpen(a, b)) {
            return true;
        }
        const outer = MapPrototypeGet(this.#open, a);
        MapPrototypeSet(this.#open, a, { __proto__: null, other: b, outer });
        const result = (contents === undefined || contents(this, a, b)) &&
            this.#properties(a, b, keys);
        MapPrototypeSet(this.#open, a, outer);
        return result;
    }

    #isOpen(a, b) {
        let pair = MapPrototypeGet(this.#open, a);
        while (pair !== undefined && pair.other !== b) {
            pair = pair.outer;
        }
        return pair !== undefined;
    }

    #properties(a, b, keys) {
        for (let i = 0; i < keys.length; i++) {
            if (!this.equal(a[keys[i]], b[keys[i]])) {
                return false;
            }
        }
        return true;
    }

    #arrays(self, a, b) {
        for (let i = 0; i < a.length; i++) {
            if (!ObjectHasOwn(a, i)) {
                return self.#sparseArrays(a, b, i);
            }
            if (!ObjectHasOwn(b, i) || !self.equal(a[i], b[i])) {
                return false;
            }
        }
        return true;
    }

    /* From the first hole on only what exists is visited. */
    #sparseArrays(a, b, start) {
        const keys = ObjectKeys(a);
        for (let i = start; i < keys.length; i++) {
            if (!ObjectHasOwn(b, keys[i]) || !this.equal(a[keys[i]], b[keys[i]])) {
                return false;
            }
        }
        return keys.length === ObjectKeys(b).length;
    }

    /* ---- Sets: elements found by === are done; the others are left over and tried in pairs. ---- */

    #sets(self, a, b) {
        const left = new Set();
        const iterator = SetPrototypeValues(a);
        for (let step; !(step = SetIteratorPrototypeNext(iterator)).done;) {
            const { value } = step;
            if (isObject(value)) {
                SetPrototypeAdd(left, value);
            } else if (!SetPrototypeHas(b, value)) {
                if (self.#strict || !self.#setMayHave(a, b, value)) {
                    return false;
                }
                SetPrototypeAdd(left, value);
            }
        }
        return SetPrototypeGetSize(left) === 0 || self.#matchElements(left, a, b);
    }

    #setMayHave(a, b, primitive) {
        const match = looseMatch(primitive);
        if (typeof match !== 'object') {
            return match;
        }
        return SetPrototypeHas(b, match.value) && !SetPrototypeHas(a, match.value);
    }

    #matchElements(left, a, b) {
        const iterator = SetPrototypeValues(b);
        for (let step; !(step = SetIteratorPrototypeNext(iterator)).done;) {
            const { value } = step;
            const open = isObject(value) || (!this.#strict && !SetPrototypeHas(a, value));
            if (open && !this.#take(left, (candidate) => this.equal(value, candidate))) {
                return false;
            }
        }
        return SetPrototypeGetSize(left) === 0;
    }

    /* Take the first value that fits out of those left over. */
    #take(left, fits) {
        const iterator = SetPrototypeValues(left);
        for (let step; !(step = SetIteratorPrototypeNext(iterator)).done;) {
            if (fits(step.value)) {
                SetPrototypeDelete(left, step.value);
                return true;
            }
        }
        return false;
    }

    /* ---- Maps: the same, with values. ----------------------------------------------------------*/

    #maps(self, a, b) {
        const left = new Set();
        const iterator = MapPrototypeEntries(a);
        for (let step; !(step = MapIteratorPrototypeNext(iterator)).done;) {
            const key = step.value[0];
            if (isObject(key)) {
                SetPrototypeAdd(left, key);
            } else if (!self.#entryEquals(b, key, step.value[1])) {
                if (self.#strict || !self.#mapMayHave(a, b, key, step.value[1])) {
                    return false;
                }
                SetPrototypeAdd(left, key);
            }
        }
        return SetPrototypeGetSize(left) === 0 || self.#matchEntries(left, a, b);
    }

    #entryEquals(map, key, value) {
        const other = MapPrototypeGet(map, key);
        return (other !== undefined || MapPrototypeHas(map, key)) && this.equal(value, other);
    }

    #mapMayHave(a, b, key, value) {
        const match = looseMatch(key);
        if (typeof match !== 'object') {
            return match;
        }
        return this.#entryEquals(b, match.value, value) && !MapPrototypeHas(a, match.value);
    }

    #matchEntries(left, a, b) {
        const iterator = MapPrototypeEntries(b);
        for (let step; !(step = MapIteratorPrototypeNext(iterator)).done;) {
            const key = step.value[0];
            const value = step.value[1];
            const open = isObject(key) || (!this.#strict && !this.#entryEquals(a, key, value));
            if (open && !this.#take(left, (candidate) => this.equal(key, candidate) &&
                this.equal(MapPrototypeGet(a, candidate), value))) {
                return false;
            }
        }
        return SetPrototypeGetSize(left) === 0;
    }
}

return {
    __proto__: null,
    isDeepEqual: (a, b) => new Comparison(false).equal(a, b),
    isDeepStrictEqual: (a, b) => new Comparison(true).equal(a, b),
};
