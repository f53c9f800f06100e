// As much of the harness of the web-platform tests as their *.any.js files use in a shell. A line for
// each subtest, "pass<tab>NAME" or "fail<tab>NAME", and "harness: done" when all have ended.
globalThis.self = globalThis;
globalThis.GLOBAL = { isWindow: () => false, isWorker: () => false, isShadowRealm: () => false };
globalThis.location = { search: '', href: 'about:blank' };
(() => {
    const { setTimeout, clearTimeout } = globalThis;
    const write = console.log.bind(console);
    const LONGEST_MS = 10000;
    let unnamed = 0, running = 0, explicit = false, mayThrow = false, single = null, ended = false;
    let queue = Promise.resolve(); // promise tests run one after the other

    class AssertionError extends Error {}
    const fail = (text, message) => { throw new AssertionError(message ? `${message}: ${text}` : text); };
    const show = (value) => {
        if (Object.is(value, -0)) return '-0';
        if (typeof value === 'string') return JSON.stringify(value);
        try { return String(value); } catch { return Object.prototype.toString.call(value); }
    };
    const check = (condition, text, message) => { if (!condition) fail(text, message); };

    function finishWhenIdle() {
        setTimeout(() => {
            if (ended || explicit || running > 0) return;
            ended = true;
            write('harness: done');
            process.exit(0);
        }, 0);
    }

    class Test {
        constructor(name) {
            this.name = name ?? `unnamed ${++unnamed}`;
            this.cleanups = [];
            this.phase = 1;
            this.phases = { INITIAL: 0, STARTED: 1, HAS_RESULT: 2, CLEANING: 3, COMPLETE: 4 };
            running++;
            this.timer = setTimeout(() => this.end(new Error('did not end in time')), LONGEST_MS);
        }
        end(error) {
            if (this.phase === 4) return;
            this.phase = 4;
            clearTimeout(this.timer);
            const name = this.name.replace(/[\t\n\r]/g, ' ');
            write(error === undefined ? `pass\t${name}` : `fail\t${name}\t${String(error?.message ?? error).replace(/\s+/g, ' ')}`);
            for (const cleanup of this.cleanups) cleanup();
            running--;
            finishWhenIdle();
        }
        step(fn, self, ...args) {
            if (this.phase === 4) return undefined;
            try {
                return fn.apply(self === undefined ? this : self, args);
            } catch (error) {
                this.end(error ?? new Error('threw nothing'));
                return undefined;
            }
        }
        done() { this.end(); }
        step_func(fn, self) { const test = this; return function (...args) { return test.step(fn, self ?? this, ...args); }; }
        step_func_done(fn, self) {
            const test = this;
            return function (...args) { if (fn) test.step(fn, self ?? this, ...args); test.done(); };
        }
        unreached_func(text) { return this.step_func(() => fail('reached unreachable code', text)); }
        step_timeout(fn, ms, ...args) { return setTimeout(this.step_func(() => fn.apply(this, args)), ms); }
        step_wait(condition, text, ms = 3000, every = 20) {
            return new Promise((resolve) => this.step_wait_func(condition, resolve, text, ms, every));
        }
        step_wait_func(condition, fn, text, ms = 3000, every = 20) {
            const until = Date.now() + ms;
            const look = this.step_func(() => {
                if (condition()) fn();
                else if (Date.now() > until) fail('condition did not come true', text);
                else setTimeout(look, every);
            });
            look();
        }
        add_cleanup(fn) { this.cleanups.push(fn); }
        get_signal() { const c = new AbortController(); this.add_cleanup(() => c.abort()); return c.signal; }
    }

    const api = {
        test(fn, name) { const t = new Test(name); t.step(fn, t, t); t.done(); },
        async_test(fn, name) {
            if (typeof fn !== 'function') [fn, name] = [undefined, fn];
            const t = new Test(name);
            if (fn) t.step(fn, t, t);
            return t;
        },
        promise_test(fn, name) {
            const t = new Test(name);
            clearTimeout(t.timer);
            queue = queue.then(() => new Promise((next) => {
                t.timer = setTimeout(() => t.end(new Error('did not end in time')), LONGEST_MS);
                t.add_cleanup(next);
                (async () => fn.call(t, t))().then(() => t.done(), (error) => t.end(error ?? new Error('rejected with nothing')));
            }));
        },
        setup(fn, options) {
            if (typeof fn !== 'function') [fn, options] = [undefined, fn];
            if (options?.explicit_done) explicit = true;
            if (options?.allow_uncaught_exception) mayThrow = true;
            if (options?.single_test) single = new Test('single test');
            fn?.();
        },
        promise_setup(fn) { queue = queue.then(fn); },
        done() { if (single) single.done(); else { explicit = false; finishWhenIdle(); } },
        step_timeout: setTimeout,
        generate_tests(fn, cases) { for (const [name, ...args] of cases) api.test(() => fn(...args), name); },
        subsetTest: (kind, ...args) => kind(...args),
        format_value: show,
        on_event(object, type, fn) { object.addEventListener(type, fn); },
        AssertionError,

        assert_true: (v, m) => check(v === true, `expected true, got ${show(v)}`, m),
        assert_false: (v, m) => check(v === false, `expected false, got ${show(v)}`, m),
        assert_equals: (a, b, m) => check(Object.is(a, b), `expected ${show(b)}, got ${show(a)}`, m),
        assert_not_equals: (a, b, m) => check(!Object.is(a, b), `got ${show(a)}`, m),
        assert_in_array: (v, list, m) => check(list.some((x) => Object.is(x, v)), `${show(v)} is not in the list`, m),
        assert_array_equals(a, b, m) {
            check(typeof a === 'object' && a !== null && 'length' in a, `${show(a)} is no array`, m);
            check(a.length === b.length, `lengths ${a.length} and ${b.length}`, m);
            for (let i = 0; i < a.length; i++) check(Object.is(a[i], b[i]) && (i in a) === (i in b), `[${i}]: expected ${show(b[i])}, got ${show(a[i])}`, m);
        },
        assert_object_equals(a, b, m) {
            const seen = new Set();
            const compare = (x, y) => {
                check(typeof x === 'object' && x !== null, `${show(x)} is no object`, m);
                seen.add(x);
                for (const key of new Set([...Object.keys(x), ...Object.keys(y)])) {
                    check(Object.hasOwn(x, key) === Object.hasOwn(y, key), `property ${key}`, m);
                    if (typeof x[key] === 'object' && x[key] !== null) { if (!seen.has(x[key])) compare(x[key], y[key]); } else api.assert_equals(x[key], y[key], m);
                }
            };
            compare(a, b);
        },
        assert_approx_equals: (a, b, e, m) => check(typeof a === 'number' && (Object.is(a, b) || Math.abs(a - b) <= e), `expected ${b} +/- ${e}, got ${show(a)}`, m),
        assert_array_approx_equals(a, b, e, m) { a.forEach((x, i) => api.assert_approx_equals(x, b[i], e, m)); },
        assert_less_than: (a, b, m) => check(typeof a === typeof b && a < b, `${show(a)} < ${show(b)}`, m),
        assert_greater_than: (a, b, m) => check(typeof a === typeof b && a > b, `${show(a)} > ${show(b)}`, m),
        assert_less_than_equal: (a, b, m) => check(typeof a === typeof b && a <= b, `${show(a)} <= ${show(b)}`, m),
        assert_greater_than_equal: (a, b, m) => check(typeof a === typeof b && a >= b, `${show(a)} >= ${show(b)}`, m),
        assert_between_exclusive: (v, a, b, m) => check(v > a && v < b, `${show(v)} between ${a} and ${b}`, m),
        assert_between_inclusive: (v, a, b, m) => check(v >= a && v <= b, `${show(v)} between ${a} and ${b}`, m),
        assert_regexp_match: (v, r, m) => check(r.test(v), `${show(v)} matches ${r}`, m),
        assert_class_string: (v, name, m) => api.assert_equals(Object.prototype.toString.call(v), `[object ${name}]`, m),
        assert_own_property: (o, name, m) => check(Object.hasOwn(o, name), `no own property ${show(name)}`, m),
        assert_not_own_property: (o, name, m) => check(!Object.hasOwn(o, name), `own property ${show(name)}`, m),
        assert_inherits: (o, name, m) => check(!Object.hasOwn(o, name) && name in o, `${show(name)} is not inherited`, m),
        assert_idl_attribute: (o, name, m) => api.assert_inherits(o, name, m),
        assert_readonly(o, name, m) {
            const before = o[name];
            try { o[name] = `${show(before)}a`; } catch {}
            check(Object.is(o[name], before), `${show(name)} can be written`, m);
        },
        assert_unreached: (m) => fail('reached unreachable code', m),
        assert_exists: (o, name, m) => api.assert_own_property(o, name, m),
        assert_not_exists: (o, name, m) => check(!(name in o), `${show(name)} exists`, m),
        assert_any(fn, a, list, ...rest) {
            check(list.some((x) => { try { fn(a, x, ...rest); return true; } catch { return false; } }), 'none of them holds');
        },
        assert_implements: (v, m) => check(!!v, 'not implemented', m),
        assert_implements_optional: (v, m) => check(!!v, 'not implemented', m),
        assert_precondition: (v, m) => check(!!v, 'precondition', m),
        assert_throws_js(type, fn, m) { caught(fn, m, (e) => isJs(e, type, m)); },
        assert_throws_exactly(value, fn, m) { caught(fn, m, (e) => api.assert_equals(e, value, m)); },
        assert_throws_dom(type, ...rest) {
            const [fn, m] = typeof rest[1] === 'function' ? rest.slice(1) : rest;
            caught(fn, m, (e) => isDom(e, type, m));
        },
        promise_rejects_js: (t, type, p, m) => rejected(p, m, (e) => isJs(e, type, m)),
        promise_rejects_exactly: (t, value, p, m) => rejected(p, m, (e) => api.assert_equals(e, value, m)),
        promise_rejects_dom(t, type, ...rest) {
            const [p, m] = typeof rest[0] === 'function' ? rest.slice(1) : rest;
            return rejected(p, m, (e) => isDom(e, type, m));
        },
    };

    function caught(fn, m, look) {
        let error;
        try { fn.call(undefined); } catch (e) { error = [e]; }
        check(error !== undefined, 'did not throw', m);
        look(error[0]);
    }
    function rejected(promise, m, look) {
        return Promise.resolve(promise).then(() => fail('was not rejected', m), look);
    }
    function isJs(e, type, m) {
        check(typeof e === 'object' && e !== null, `${show(e)} is no object`, m);
        check(e.constructor === type && e.name === type.name, `expected ${type.name}, got ${e.name}`, m);
    }
    function isDom(e, type, m) {
        const legacy = { INDEX_SIZE_ERR: 'IndexSizeError', SYNTAX_ERR: 'SyntaxError', INVALID_STATE_ERR: 'InvalidStateError', NOT_SUPPORTED_ERR: 'NotSupportedError',
            INVALID_CHARACTER_ERR: 'InvalidCharacterError', DATA_CLONE_ERR: 'DataCloneError', ABORT_ERR: 'AbortError', TIMEOUT_ERR: 'TimeoutError',
            INVALID_ACCESS_ERR: 'InvalidAccessError', TYPE_MISMATCH_ERR: 'TypeMismatchError', QUOTA_EXCEEDED_ERR: 'QuotaExceededError' };
        check(typeof e === 'object' && e !== null, `${show(e)} is no object`, m);
        if (typeof type === 'number') check(e.code === type, `expected code ${type}, got ${e.code}`, m);
        else check(e.name === (legacy[type] ?? type) && e.constructor === DOMException, `expected ${type}, got ${e.name}`, m);
    }

    class EventWatcher {
        constructor(test, target, types) {
            this.waiting = null;
            for (const type of [types].flat()) {
                const listen = test.step_func((event) => {
                    check(this.waiting !== null && this.waiting.types[0] === type, `unexpected event ${type}`);
                    this.waiting.seen.push(event);
                    this.waiting.types.shift();
                    if (this.waiting.types.length > 0) return;
                    const { resolve, seen, many } = this.waiting;
                    this.waiting = null;
                    resolve(many ? seen : event);
                });
                target.addEventListener(type, listen);
                test.add_cleanup(() => target.removeEventListener(type, listen));
            }
        }
        wait_for(types) {
            return new Promise((resolve) => { this.waiting = { types: [types].flat(), seen: [], resolve, many: Array.isArray(types) }; });
        }
        stop_watching() {}
    }
    api.EventWatcher = EventWatcher;

    for (const name of Object.keys(api)) globalThis[name] = api[name];
    process.on('uncaughtException', (error) => {
        if (single) single.end(error);
        else if (!mayThrow) { write(`fail\tuncaught\t${show(error)}`); finishWhenIdle(); }
    });
    setTimeout(finishWhenIdle, 0);
})();
