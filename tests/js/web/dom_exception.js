// F2 DOMException: receivers, no new, subclasses, odd new.target; its attributes and constants
const show = (label, fn) => {
    try {
        console.log(label, fn());
    } catch (error) {
        console.log(label, 'threw', error.constructor.name, error.code);
    }
};
const attributes = (object, name) => {
    const d = Object.getOwnPropertyDescriptor(object, name);
    return (d.writable ? 'W' : '') + (d.enumerable ? 'E' : '') + (d.configurable ? 'C' : '') +
        (d.get ? ` ${d.get.name} ${d.get.length} ${d.set}` : '');
};

console.log(DOMException.name, DOMException.length);
console.log(Reflect.ownKeys(DOMException.prototype).sort((a, b) => String(a) < String(b) ? -1 : 1));
for (const name of ['name', 'message', 'code', 'ABORT_ERR', Symbol.toStringTag, 'constructor']) {
    console.log(String(name), attributes(DOMException.prototype, name));
}
console.log(attributes(DOMException, 'prototype'), attributes(DOMException, 'DATA_CLONE_ERR'));
console.log(Object.getPrototypeOf(DOMException) === Function.prototype);
console.log(Object.getPrototypeOf(DOMException.prototype) === Error.prototype);

for (const args of [[], ['m'], ['m', 'AbortError'], [undefined, undefined], [null, null], [1, 2],
    ['m', 'Nothing'], [{ toString: () => 'text' }, 'SyntaxError']]) {
    const e = new DOMException(...args);
    console.log([e.name, e.message, e.code, String(e), e instanceof Error]);
    console.log(Object.prototype.toString.call(e), Reflect.ownKeys(e), attributes(e, 'stack'));
    console.log(e.stack.split('\n')[0]);
}
const names = ['IndexSizeError', 'HierarchyRequestError', 'WrongDocumentError',
    'InvalidCharacterError', 'NoModificationAllowedError', 'NotFoundError', 'NotSupportedError',
    'InUseAttributeError', 'InvalidStateError', 'SyntaxError', 'InvalidModificationError',
    'NamespaceError', 'InvalidAccessError', 'TypeMismatchError', 'SecurityError', 'NetworkError',
    'AbortError', 'URLMismatchError', 'QuotaExceededError', 'TimeoutError', 'InvalidNodeTypeError',
    'DataCloneError', 'EncodingError', 'OperationError'];
console.log(names.map((name) => new DOMException('', name).code).join());
console.log(Object.keys(DOMException).map((key) => `${key}=${DOMException[key]}`).join());
console.log(Object.keys(DOMException.prototype).length, new DOMException().TIMEOUT_ERR);

show('call', () => DOMException());
show('symbol', () => new DOMException(Symbol('x')));
show('symbol name', () => new DOMException('', Symbol('x')));
for (const name of ['name', 'message', 'code']) {
    const { get } = Object.getOwnPropertyDescriptor(DOMException.prototype, name);
    for (const value of [undefined, null, 1, {}, new Error('x'), DOMException.prototype,
        Object.create(new DOMException('a', 'b'))]) {
        show(name, () => Reflect.apply(get, value, []));
    }
}
class Sub extends DOMException {
    constructor(text) {
        super(text, 'AbortError');
        this.extra = 1;
    }
}
const sub = new Sub('of a class');
console.log(sub instanceof Sub, sub instanceof DOMException, sub.code, sub.message, sub.extra);
const odd = Reflect.construct(DOMException, ['odd', 'TimeoutError'], Array);
console.log(Array.isArray(odd), odd instanceof Array);
console.log(Reflect.apply(Object.getOwnPropertyDescriptor(DOMException.prototype, 'code').get, odd, []));
Error.prototype.name = 'changed';
delete DOMException.prototype.message;
console.log(new DOMException('a', 'b').name, new DOMException('a', 'b').message);
