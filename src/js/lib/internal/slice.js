/* slice as it is for arrays whose constructor nobody changed; positions count from the front. */
const { ObjectDefineProperty } = primordials;

return (list, start = 0, end = list.length) => {
    const part = [];
    for (let i = start; i < end && i < list.length; i++) {
        ObjectDefineProperty(part, i - start, {
            __proto__: null, value: list[i], writable: true, enumerable: true, configurable: true,
        });
    }
    return part;
};
