/* util.parseArgs: command line arguments to tokens, tokens to values. */
const {
    ArrayPrototypeIncludes,
    ArrayPrototypePush,
    ArrayPrototypeToSpliced,
    ObjectHasOwn,
    ObjectKeys,
    StringPrototypeIncludes,
    StringPrototypeIndexOf,
    StringPrototypeSlice,
    StringPrototypeStartsWith,
} = primordials;
const {
    ERR_INVALID_ARG_TYPE,
    ERR_INVALID_ARG_VALUE,
    ERR_PARSE_ARGS_INVALID_OPTION_VALUE,
    ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL,
    ERR_PARSE_ARGS_UNKNOWN_OPTION,
    define,
} = require('internal/errors');
const { validateArray, validateBoolean, validateObject, validateString } =
    require('internal/validators');

function own(object, name) {
    return ObjectHasOwn(object, name) ? object[name] : undefined;
}

/* ---- The configuration ------------------------------------------------------------------------*/

function mainArgs() {
    const { argv, execArgv } = require('process');
    const evaluated = ArrayPrototypeIncludes(execArgv, '-e') ||
        ArrayPrototypeIncludes(execArgv, '--eval') || ArrayPrototypeIncludes(execArgv, '-p') ||
        ArrayPrototypeIncludes(execArgv, '--print') || argv.length < 2;
    return ArrayPrototypeToSpliced(argv, 0, evaluated ? 1 : 2);
}

function checkDefault(value, type, multiple, name) {
    const validate = type === 'string' ? validateString : validateBoolean;
    if (!multiple) {
        validate(value, name);
        return;
    }
    validateArray(value, name);
    for (let i = 0; i < value.length; i++) {
        validate(value[i], name + '[' + i + ']');
    }
}

function checkOption(name, option) {
    validateObject(option, 'options.' + name);
    const type = own(option, 'type');
    if (type !== 'string' && type !== 'boolean') {
        throw new ERR_INVALID_ARG_TYPE('options.' + name + '.type', "('string|boolean')", type);
    }
    if (ObjectHasOwn(option, 'short')) {
        const { short } = option;
        validateString(short, 'options.' + name + '.short');
        if (short.length !== 1) {
            throw new ERR_INVALID_ARG_VALUE('options.' + name + '.short', short,
                'must be a single character');
        }
    }
    const multiple = own(option, 'multiple');
    if (ObjectHasOwn(option, 'multiple')) {
        validateBoolean(multiple, 'options.' + name + '.multiple');
    }
    const initial = own(option, 'default');
    if (initial !== undefined) {
        checkDefault(initial, type, multiple, 'options.' + name + '.default');
    }
}

function readConfig(given) {
    const strict = own(given, 'strict') ?? true;
    const config = {
        __proto__: null,
        args: own(given, 'args') ?? mainArgs(),
        strict,
        allowPositionals: own(given, 'allowPositionals') ?? !strict,
        tokens: own(given, 'tokens') ?? false,
        allowNegative: own(given, 'allowNegative') ?? false,
        options: own(given, 'options') ?? { __proto__: null },
    };
    validateArray(config.args, 'args');
    validateBoolean(strict, 'strict');
    validateBoolean(config.allowPositionals, 'allowPositionals');
    validateBoolean(config.tokens, 'tokens');
    validateBoolean(config.allowNegative, 'allowNegative');
    validateObject(config.options, 'options');
    const names = ObjectKeys(config.options);
    for (let i = 0; i < names.length; i++) {
        checkOption(names[i], config.options[names[i]]);
    }
    return config;
}

/* ---- Arguments to tokens ----------------------------------------------------------------------*/

/* Reads arguments from the left. `index` is that of the argument the tokens come from. */
class Scanner {
    #options;
    #rest;
    #at = 0;
    tokens = [];

    constructor(args, options) {
        this.#rest = args;
        this.#options = options;
    }

    scan() {
        while (this.#at < this.#rest.length) {
            const index = this.#at++;
            const arg = this.#rest[index];
            if (arg === '--') {
                this.#put({ kind: 'option-terminator', index });
                this.#positionals();
            } else if (arg.length < 2 || arg[0] !== '-') {
                this.#put({ kind: 'positional', index, value: arg });
            } else if (arg[1] === '-') {
                this.#long(arg, index);
            } else {
                this.#shorts(arg, index);
            }
        }
        return this.tokens;
    }

    #put(token) {
        ArrayPrototypePush(this.tokens, token);
    }

    #positionals() {
        for (; this.#at < this.#rest.length; this.#at++) {
            this.#put({ kind: 'positional', index: this.#at, value: this.#rest[this.#at] });
        }
    }

    #takesValue(name) {
        const option = own(this.#options, name);
        return option !== undefined && own(option, 'type') === 'string';
    }

    #longName(short) {
        const names = ObjectKeys(this.#options);
        for (let i = 0; i < names.length; i++) {
            if (own(this.#options[names[i]], 'short') === short) {
                return names[i];
            }
        }
        return short;
    }

    /* An option whose value, if it takes one, is the next argument. */
    #option(name, rawName, index) {
        let value;
        let inlineValue;
        const next = this.#rest[this.#at];
        if (this.#takesValue(name) && next !== undefined && next !== null) {
            value = next;
            inlineValue = false;
            this.#at++;
        }
        this.#put({ kind: 'option', name, rawName, index, value, inlineValue });
    }

    #long(arg, index) {
        if (!StringPrototypeIncludes(arg, '=', 3)) {
            this.#option(StringPrototypeSlice(arg, 2), arg, index);
            return;
        }
        const equals = StringPrototypeIndexOf(arg, '=');
        const name = StringPrototypeSlice(arg, 2, equals);
        const value = StringPrototypeSlice(arg, equals + 1);
        this.#put({
            kind: 'option', name, rawName: '--' + name, index, value, inlineValue: true,
        });
    }

    /* -a, -abc, -afVALUE: the first that takes a value takes the rest, or the next argument. */
    #shorts(arg, index) {
        for (let i = 1; i < arg.length; i++) {
            const rawName = '-' + arg[i];
            const name = this.#longName(arg[i]);
            if (i < arg.length - 1 && this.#takesValue(name)) {
                const value = StringPrototypeSlice(arg, i + 1);
                this.#put({ kind: 'option', name, rawName, index, value, inlineValue: true });
                return;
            }
            if (i < arg.length - 1) {
                this.#put({
                    kind: 'option', name, rawName, index, value: undefined, inlineValue: undefined,
                });
            } else {
                this.#option(name, rawName, index);
            }
        }
    }
}

/* ---- Tokens to values -------------------------------------------------------------------------*/

/* The option that a token means: its own name, or what follows `no-` where that is allowed. */
function knownName(token, config) {
    if (ObjectHasOwn(config.options, token.name)) {
        return token.name;
    }
    if (config.allowNegative && StringPrototypeStartsWith(token.name, 'no-')) {
        const name = StringPrototypeSlice(token.name, 3);
        const option = own(config.options, name);
        if (option !== undefined && own(option, 'type') === 'boolean') {
            return name;
        }
    }
    throw new ERR_PARSE_ARGS_UNKNOWN_OPTION(token.rawName, config.allowPositionals);
}

function checkUsage(token, config) {
    const name = knownName(token, config);
    const option = config.options[name];
    const short = own(option, 'short');
    const shown = (short ? '-' + short + ', ' : '') + '--' + name;
    const type = own(option, 'type');
    if (type === 'string' && typeof token.value !== 'string') {
        throw new ERR_PARSE_ARGS_INVALID_OPTION_VALUE(
            "Option '" + shown + " <value>' argument missing");
    }
    if (type === 'boolean' && token.value !== undefined && token.value !== null) {
        throw new ERR_PARSE_ARGS_INVALID_OPTION_VALUE(
            "Option '" + shown + "' does not take an argument");
    }
}

/* A value that looks like an option was probably meant as one. */
function checkAmbiguity(token) {
    const { name, rawName, value } = token;
    if (token.inlineValue || !value || value.length < 2 || value[0] !== '-') {
        return;
    }
    const example = StringPrototypeStartsWith(rawName, '--') ? "'" + rawName + "=-XYZ'"
        : "'--" + name + "=-XYZ' or '" + rawName + "-XYZ'";
    throw new ERR_PARSE_ARGS_INVALID_OPTION_VALUE(
        "Option '" + rawName + "' argument is ambiguous.\n" +
        "Did you forget to specify the option argument for '" + rawName + "'?\n" +
        'To specify an option argument starting with a dash use ' + example + '.');
}

function store(token, config, values) {
    if (token.name === '__proto__') {
        return;
    }
    let value = token.value ?? true;
    if (config.allowNegative && token.value === undefined &&
        StringPrototypeStartsWith(token.name, 'no-')) {
        token.name = StringPrototypeSlice(token.name, 3);
        value = false;
    }
    const { name } = token;
    const option = own(config.options, name);
    if (option === undefined || !own(option, 'multiple')) {
        values[name] = value;
    } else if (values[name]) {
        ArrayPrototypePush(values[name], value);
    } else {
        values[name] = [value];
    }
}

function storeDefaults(options, values) {
    const names = ObjectKeys(options);
    for (let i = 0; i < names.length; i++) {
        const name = names[i];
        const initial = own(options[name], 'default');
        if (initial !== undefined && values[name] === undefined && name !== '__proto__') {
            values[name] = initial;
        }
    }
}

function parseArgs(config = { __proto__: null }) {
    const settings = readConfig(config);
    const tokens = new Scanner(settings.args, settings.options).scan();
    const result = { values: { __proto__: null }, positionals: [] };
    if (settings.tokens) {
        define(result, 'tokens', tokens);
    }
    for (let i = 0; i < tokens.length; i++) {
        const token = tokens[i];
        if (token.kind === 'option') {
            if (settings.strict) {
                checkUsage(token, settings);
                checkAmbiguity(token);
            }
            store(token, settings, result.values);
        } else if (token.kind === 'positional') {
            if (!settings.allowPositionals) {
                throw new ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL(token.value);
            }
            ArrayPrototypePush(result.positionals, token.value);
        }
    }
    storeDefaults(settings.options, result.values);
    return result;
}

return parseArgs;
