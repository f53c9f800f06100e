/* util.inspect and util.format: the native inspector with Node.js's ways to give it options, and the
 * table of colours. */
const {
    ArrayPrototypeIncludes,
    ArrayPrototypeToSpliced,
    ObjectAssign,
    ObjectDefineProperty,
    ObjectKeys,
    ObjectPreventExtensions,
    ReflectApply,
    StringPrototypeSlice,
    StringPrototypeToLowerCase,
    SymbolFor,
} = primordials;
const { define } = require('internal/errors');
const { validateObject } = require('internal/validators');
const native = binding('util');

const defaultOptions = ObjectPreventExtensions({
    showHidden: false,
    depth: 2,
    colors: false,
    customInspect: true,
    showProxy: false,
    maxArrayLength: 100,
    maxStringLength: 10000,
    breakLength: 80,
    compact: 3,
    sorted: false,
    getters: false,
    numericSeparator: false,
});

function withDefaults(options) {
    return { __proto__: null, ...defaultOptions, ...options };
}

/* Also called as inspect(value, showHidden, depth, colors). */
function inspect(value, opts) {
    const options = withDefaults();
    if (arguments.length >= 3 && arguments[2] !== undefined) {
        options.depth = arguments[2];
    }
    if (arguments.length >= 4 && arguments[3] !== undefined) {
        options.colors = arguments[3];
    }
    if (typeof opts === 'boolean') {
        options.showHidden = opts;
    } else if (opts) {
        const keys = ObjectKeys(opts);
        for (let i = 0; i < keys.length; i++) {
            options[keys[i]] = opts[keys[i]];
        }
    }
    return native.inspect(value, options);
}

function formatWith(options, args) {
    return ReflectApply(native.formatWithOptions, undefined,
        ArrayPrototypeToSpliced(args, 0, 0, options));
}

function format(...args) {
    return formatWith(withDefaults(), args);
}

function formatWithOptions(inspectOptions, ...args) {
    validateObject(inspectOptions, 'inspectOptions', {
        __proto__: null, array: true, function: true,
    });
    return formatWith(withDefaults(inspectOptions), args);
}

/* ---- Colours ----------------------------------------------------------------------------------*/

/* The codes that begin and end each. */
const colors = {
    __proto__: null,
    reset: [0, 0],
    bold: [1, 22],
    dim: [2, 22],
    italic: [3, 23],
    underline: [4, 24],
    blink: [5, 25],
    inverse: [7, 27],
    hidden: [8, 28],
    strikethrough: [9, 29],
    doubleunderline: [21, 24],
};

/* Foreground 30 to 37 and bright 90 to 97; background ten more. */
const hues = ['Black', 'Red', 'Green', 'Yellow', 'Blue', 'Magenta', 'Cyan', 'White'];
const lower = (hue) => StringPrototypeToLowerCase(hue[0]) + StringPrototypeSlice(hue, 1);
for (let i = 0; i < 8; i++) {
    colors[lower(hues[i])] = [30 + i, 39];
}
for (let i = 0; i < 8; i++) {
    colors['bg' + hues[i]] = [40 + i, 49];
}
colors.framed = [51, 54];
colors.overlined = [53, 55];
colors.gray = [90, 39];
for (let i = 1; i < 8; i++) {
    colors[lower(hues[i]) + 'Bright'] = [90 + i, 39];
}
colors.bgGray = [100, 49];
for (let i = 1; i < 8; i++) {
    colors['bg' + hues[i] + 'Bright'] = [100 + i, 49];
}

/* Other names of some, which are not listed. */
const aliases = {
    __proto__: null,
    grey: 'gray',
    blackBright: 'gray',
    bgGrey: 'bgGray',
    bgBlackBright: 'bgGray',
    faint: 'dim',
    crossedout: 'strikethrough',
    strikeThrough: 'strikethrough',
    crossedOut: 'strikethrough',
    conceal: 'hidden',
    swapColors: 'inverse',
    swapcolors: 'inverse',
    doubleUnderline: 'doubleunderline',
};
for (const alias in aliases) {
    const target = aliases[alias];
    ObjectDefineProperty(colors, alias, {
        __proto__: null,
        get() {
            return this[target];
        },
        set(value) {
            this[target] = value;
        },
        enumerable: false,
        configurable: true,
    });
}

const styles = {
    __proto__: null,
    special: 'cyan',
    number: 'yellow',
    bigint: 'yellow',
    boolean: 'yellow',
    undefined: 'grey',
    null: 'bold',
    string: 'green',
    symbol: 'green',
    date: 'magenta',
    regexp: 'red',
    module: 'underline',
};

/* Whether text for a stream is to be coloured. */
function canColor(stream) {
    const { env } = require('process');
    if (env.FORCE_COLOR !== undefined) {
        const value = env.FORCE_COLOR;
        return ArrayPrototypeIncludes(['', '1', 'true', '2', '3'], value);
    }
    if (!stream?.isTTY) {
        return false;
    }
    return typeof stream.getColorDepth !== 'function' || stream.getColorDepth() > 2;
}

/* ---- The function's members -------------------------------------------------------------------*/

define(inspect, 'custom', SymbolFor('nodejs.util.inspect.custom'));
ObjectDefineProperty(inspect, 'defaultOptions', {
    __proto__: null,
    get() {
        return defaultOptions;
    },
    set(options) {
        validateObject(options, 'options');
        ObjectAssign(defaultOptions, options);
    },
});
define(inspect, 'colors', colors);
define(inspect, 'styles', styles);

return { __proto__: null, canColor, colors, format, formatWithOptions, inspect };
