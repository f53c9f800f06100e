try {
    require('./cycle.mjs');
} catch (error) {
    exports.code = error.code;
}
