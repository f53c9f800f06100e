// Stand-ins for the harness of test262, as much as this sample uses.
function assert(truth, message) {
    if (truth !== true) throw new Test262Error(message || 'not true');
}
assert.sameValue = (a, b) => assert(Object.is(a, b), `${String(a)} is not ${String(b)}`);
assert.throws = (type, fn) => {
    try {
        fn();
    } catch (error) {
        return assert(error.constructor === type, 'another error');
    }
    assert(false, 'nothing thrown');
};
