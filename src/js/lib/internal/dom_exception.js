/* What a DOMException (Web IDL 4.3) is made of; the class itself is in dom_exception.c.
 *
 * Its objects are the engine's errors, so that Error.isError and the console know them; what the
 * getters tell is kept in private fields, which a base class that returns its argument can put on
 * an object made elsewhere. They are brand and data in one, and no script sees them. */
const {
    Error,
    ErrorCaptureStackTrace,
    ObjectDefineProperty,
    ObjectSetPrototypeOf,
    StringPrototypeSlice,
} = primordials;

class Given {
    constructor(object) {
        return object;
    }
}

class Fields extends Given {
    #name;
    #message;

    constructor(error, name, message) {
        super(error);
        this.#name = name;
        this.#message = message;
    }

    static has(value) {
        return typeof value === 'object' && value !== null && #name in value;
    }

    static name(error) {
        return error.#name;
    }

    static message(error) {
        return error.#message;
    }
}

/* Put the line `name: message` in front of the frames, which the engine keeps alone. */
function addStack(error, name, message, above) {
    ErrorCaptureStackTrace(error, above);
    const { stack } = error;
    if (typeof stack !== 'string') {
        return;
    }
    const head = message === '' ? name : name + ': ' + message;
    const frames = stack === '' ? '' : '\n' + StringPrototypeSlice(stack, 0, stack.length - 1);
    ObjectDefineProperty(error, 'stack', {
        __proto__: null, value: head + frames, writable: true, configurable: true,
    });
}

return {
    __proto__: null,
    /* The stack begins at the caller of the function `above`, ours without one. */
    create: function create(name, message, prototype, above) {
        const error = ObjectSetPrototypeOf(new Error(), prototype);
        new Fields(error, name, message);
        addStack(error, name, message, above === undefined ? create : above);
        return error;
    },
    /* [name, message], undefined for any other value. Runs no script. */
    fieldsOf: (value) =>
        Fields.has(value) ? [Fields.name(value), Fields.message(value)] : undefined,
};
