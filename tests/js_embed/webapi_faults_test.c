/* The n-th allocation fails while the small web interfaces are at work, for n at growing steps: an
 * error and no leak. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <millrace/js.h>

#include "base/memory.h"

static const char *const programs[] = {
    "atob(btoa('text'.repeat(50)))",
    "new TextDecoder('utf-16be').decode(new TextEncoder().encode('text and \\ud800'))",
    "{ const d = new TextDecoder(); d.decode(new Uint8Array([0xe2, 0x82]), { stream: true });"
    "  d.decode(new Uint8Array([0xac])); }",
    "new TextEncoder().encodeInto('text', new Uint8Array(3))",
    "structuredClone({ a: [1, { b: 2 }], m: new Map([[{}, new Set([1])]]), e: new Error('x'),"
    "  r: /x/g, d: new Date(5), n: Object(1), v: new Uint8Array(4), s: new SharedArrayBuffer(4) })",
    "{ const b = new ArrayBuffer(8);"
    "  structuredClone([b, new Uint8Array(b, 1), new Map([[b, 1]])], { transfer: [b] }); }",
    "try { structuredClone([1, {}, () => {}]) } catch {}",
    "performance.mark('a', { detail: { x: [1] } }); performance.measure('m', 'a');"
    "performance.getEntries(); performance.getEntriesByName('a'); performance.clearMarks('a');"
    "performance.clearMeasures()",
    "crypto.getRandomValues(new Uint8Array(300)); crypto.randomUUID()",
};
enum { PROGRAMS = sizeof(programs) / sizeof(programs[0]) };

static mr_status run(mr_js *js, const char *program)
{
    return mr_js_eval(js, program, strlen(program), NULL, MR_JS_SCRIPT, NULL);
}

/* A runtime that was refused memory may stay short of it: each attempt has a new one. Whether the n-th
 * allocation was asked for. */
static bool attempt(const char *program, uint64_t n)
{
    mr_loop *loop;
    mr_js *js;
    assert_int_equal(mr_loop_create(NULL, &loop), 0);
    assert_int_equal(mr_js_create(loop, NULL, &js), 0);
    assert_int_equal(run(js, program), 0); /* what is made once is there */
    uint64_t before = mr__alloc_count();
    mr__alloc_fail_at(n);
    mr_status status = run(js, program);
    mr__alloc_fail_at(0);
    bool taken = mr__alloc_count() - before >= n;
    assert_true(status == 0 || (taken && (status == MR_ENOMEM || status == MR_EJS)));
    assert_int_equal(mr_js_destroy(js), 0);
    assert_int_equal(mr_loop_close(loop), 0);
    mr_loop_unref(loop);
    return taken;
}

static void failed_allocations_of_ours_are_errors(void **state)
{
    (void)state;
    for (size_t i = 0; i < PROGRAMS; i++) {
        uint64_t n = 1;
        while (attempt(programs[i], n))
            n += 1 + n / 8;
        assert_true(n > 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(failed_allocations_of_ours_are_errors)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
