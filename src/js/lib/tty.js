/* node:tty: whether a descriptor is a terminal. The classes of its streams are absent. */
const { NumberIsInteger } = primordials;
const { isTTY } = binding('process');

return {
    isatty: function isatty(fd) {
        return NumberIsInteger(fd) && fd >= 0 && fd <= 2147483647 && isTTY(fd);
    },
};
