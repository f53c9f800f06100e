/* Scenario K4 for the runtime: the n-th allocation of ours fails while one is made, for every n.
 * The engine's own allocations, arenas and large blocks, are among them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <millrace/js.h>

#include "base/memory.h"

/* Under a sanitizer, where the engine asks for each small block, not every later one is tried. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { EACH = 100 };
#else
enum { EACH = 1000000 };
#endif

static mr_js *const untouched = (mr_js *)(uintptr_t)0xa5a5a5a5;

static mr_status create(mr_loop *loop, mr_js **out_js)
{
    static const char *const words[] = {"millrace", "script.js"};
    const mr_js_options options = {
        .size_bytes = sizeof options, .argv = words, .argc = 2, .exec_argv = words, .exec_argc = 2};
    return mr_js_create(loop, &options, out_js);
}

static void runtime_is_made_whole_or_not_at_all(void **state)
{
    (void)state;
    mr_loop *loop;
    assert_int_equal(mr_loop_create(NULL, &loop), 0);
    uint64_t n = 0;
    bool taken = true;
    while (taken) {
        mr_js *js = untouched;
        uint64_t before = mr__alloc_count();
        n += 1 + n / EACH;
        mr__alloc_fail_at(n);
        mr_status status = create(loop, &js);
        mr__alloc_fail_at(0);
        taken = mr__alloc_count() - before >= n;
        if (taken) {
            if (status != MR_ENOMEM)
                fail_msg("allocation %u: %s", (unsigned)n, mr_status_name(status));
            assert_true(js == untouched);
            continue;
        }
        assert_int_equal(status, 0); /* and the loop is free for a runtime that works */
        assert_int_equal(mr_js_eval(js, "new Promise(setTimeout)", 23, NULL, MR_JS_SCRIPT, NULL),
                         0);
        assert_int_equal(mr_js_destroy(js), 0);
    }
    assert_true(n > 10);
    assert_int_equal(mr_loop_close(loop), 0);
    mr_loop_unref(loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(runtime_is_made_whole_or_not_at_all)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
