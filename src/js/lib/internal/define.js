/* define(object, name, value): a plain data property, where an assignment would call setters that a
 * script put on a prototype. */
const { ObjectDefineProperty } = primordials;

return (object, name, value, enumerable = true) => {
    ObjectDefineProperty(object, name, {
        __proto__: null, value, writable: true, enumerable, configurable: true,
    });
};
