// As much of the harness of the web-platform tests as the files of this sample and host-wpt.js use.
(() => {
    const codes = { PASS: 0, FAIL: 1, TIMEOUT: 2, NOTRUN: 3, PRECONDITION_FAILED: 4 };
    const status = { OK: 0, ERROR: 1, status: 0, message: null };
    const tests = [], onResult = [], onCompletion = [];
    let queue = Promise.resolve(); // promise tests run one after the other
    let single = null, loaded = false, over = false;

    function finishWhenIdle(now) {
        if (over || !(now || loaded && tests.length > 0 && tests.every((test) => test.over))) return;
        over = true;
        for (const fn of onCompletion) fn(tests, status);
    }
    class Test {
        constructor(name) { Object.assign(this, codes, { name, over: false, status: codes.NOTRUN, message: null }); tests.push(this); }
        end(error) {
            if (this.over) return;
            Object.assign(this, { over: true, status: error ? codes.FAIL : codes.PASS, message: error ? String(error.message) : null });
            for (const fn of onResult) fn(this);
            finishWhenIdle();
        }
        step(fn, ...args) {
            if (this.over) return undefined;
            try { return fn.apply(this, args); } catch (error) { return this.end(error); }
        }
        done() { this.end(); }
        step_func_done(fn) { return (...args) => { this.step(fn, ...args); this.done(); }; }
        unreached_func() { return () => this.step(() => check(false, 'reached unreachable code')); }
    }
    function check(condition, text) { if (!condition) throw new Error(text); }
    function caught(fn, look) {
        let error;
        try { fn(); } catch (e) { error = [e]; }
        check(error !== undefined, 'did not throw');
        look(error[0]);
    }
    Object.assign(globalThis, {
        test(fn, name) { const t = new Test(name); t.step(fn, t); t.done(); },
        async_test(fn, name) { const t = new Test(name); t.step(fn, t); },
        promise_test(fn, name) {
            const t = new Test(name);
            queue = queue.then(() => fn(t)).then(() => t.done(), (error) => t.end(error ?? new Error('rejected with nothing')));
        },
        setup(options) { if (options.single_test) single = new Test('single test'); },
        done() { if (single) single.done(); else finishWhenIdle(true); },
        add_result_callback(fn) { onResult.push(fn); },
        add_completion_callback(fn) { onCompletion.push(fn); },
        assert_equals: (a, b) => check(Object.is(a, b), `expected ${b}, got ${a}`),
        assert_array_equals: (a, b) => check(a.length === b.length && a.every((x, i) => Object.is(x, b[i])), `expected ${b}, got ${a}`),
        assert_throws_js: (type, fn) => caught(fn, (e) => check(e.constructor === type, `threw ${e}`)),
        assert_throws_exactly: (value, fn) => caught(fn, (e) => check(Object.is(e, value), `threw ${e}`)),
        promise_rejects_js: (t, type, promise) =>
            promise.then(() => check(false, 'was not rejected'), (e) => check(e.constructor === type, `rejected with ${e}`)),
    });
    addEventListener('error', ({ message }) => {
        if (single) return single.end(new Error(message));
        Object.assign(status, { status: status.ERROR, message });
        finishWhenIdle(true);
    });
    Promise.resolve().then(() => { loaded = true; finishWhenIdle(); });
})();
