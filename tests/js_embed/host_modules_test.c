/* Modules of the host; calls from every place: scenario I7 of the page on JavaScript. */
#include "bridge_scenario.h"

#include <stdlib.h>
#include <unistd.h>

/* ---- modules ---- */

static unsigned inits;

static mr_status add_member(mr_js *of, mr_js_value *exports, const char *name, int64_t number)
{
    mr_js_value *value;
    mr_status status = mr_js_from_int64(of, number, &value);
    if (status == 0)
        status = mr_js_set(of, exports, name, value);
    mr_js_value_unref(value);
    return status;
}

static mr_status init_db(mr_js *of, mr_js_value *exports, void *arg)
{
    inits++;
    mr_status status = add_member(of, exports, "one", 1);
    return status != 0 ? status : add_member(of, exports, "two", *(int *)arg);
}

static mr_status init_fails(mr_js *of, mr_js_value *exports, void *arg)
{
    (void)of, (void)exports;
    inits++;
    return *(mr_status *)arg;
}

static mr_status init_throws(mr_js *of, mr_js_value *exports, void *arg)
{
    (void)exports, (void)arg;
    inits++;
    return mr_js_eval(of, "throw globalThis.mine = { mine: 1 }", 35, NULL, MR_JS_SCRIPT, NULL);
}

static mr_status init_exits(mr_js *of, mr_js_value *exports, void *arg)
{
    (void)exports, (void)arg;
    return mr_js_eval(of, "process.exit(4)", 15, NULL, MR_JS_SCRIPT, NULL);
}

static void module_code(const char *source)
{
    mr_js_value *promise = NULL;
    EXPECT(mr_js_eval(js, source, strlen(source), "/tmp/app.mjs", MR_JS_MODULE, &promise) == 0);
    mr_js_value_unref(promise);
}

static int two = 2;

static void module_is_imported_and_required_by_name_and_made_once(void **state)
{
    (void)state;
    begin_js();
    inits = 0;
    EXPECT(mr_js_module_add(js, "db", init_db, &two) == 0);
    EXPECT(mr_js_module_add(js, "millrace:db", init_db, &two) == 0);
    EXPECT(inits == 0);
    module_code(
        "import db, { one, two } from 'db'; import * as all from 'db';"
        "import { createRequire } from 'node:module'; const require = createRequire('/tmp/x.js');"
        "note([one, two, db.one, Object.keys(all).sort().join('+'), require('db') === db,"
        "  require.resolve('db'), (await import('db')).default === db,"
        "  require('millrace:db') === db, require('millrace:db').two].join())");
    turn();
    assert_story("1,2,1,default+one+two,true,db,true,false,2");
    EXPECT(inits == 2);
    finish_js();
}

static void
module_of_the_host_comes_before_built_ins_and_packages_but_not_before_node_names(void **state)
{
    (void)state;
    begin_js();
    EXPECT(mr_js_module_add(js, "path", init_db, &two) == 0);
    EXPECT(mr_js_module_add(js, "@scope/name", init_db, &two) == 0);
    module_code(
        "import mine from 'path'; import own from 'node:path'; import scoped from '@scope/name';"
        "note([mine.two, typeof own.join, scoped.one].join())");
    turn();
    assert_story("2,function,1");
    finish_js();
}

static void module_that_fails_gives_each_importer_the_same_error(void **state)
{
    (void)state;
    begin_js();
    inits = 0;
    mr_status status = MR_ELIMIT;
    EXPECT(mr_js_module_add(js, "bad", init_fails, &status) == 0);
    EXPECT(mr_js_module_add(js, "throws", init_throws, NULL) == 0);
    run("globalThis.all = Promise.all(['bad', 'bad', 'throws', 'throws'].map((n) =>"
        " import(n).catch((e) => e))).then(([a, b, c, d]) => note([a.name, a.code, a === b, c === "
        "mine,"
        " c === d].join()))");
    turn();
    assert_story("RangeError,MR_ELIMIT,true,true,true");
    EXPECT(inits == 2);
    module_code(
        "import { createRequire } from 'node:module'; const require = createRequire('/tmp/x.js');"
        "try { require('bad') } catch (e) { note(e.code) }"
        "try { require('throws') } catch (e) { note(e === mine) }");
    turn();
    assert_story("RangeError,MR_ELIMIT,true,true,true MR_ELIMIT true");
    EXPECT(inits == 2);
    finish_js();
}

static void module_names_are_checked(void **state)
{
    (void)state;
    begin_js();
    static const char *const bad[] = {"",        "./x",       "/x",        "../x",     "#x",
                                      "node:fs", "node:mine", "file:///x", "http://x", "data:,"};
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        EXPECT(mr_js_module_add(js, bad[i], init_db, NULL) == MR_EINVAL);
    EXPECT(mr_js_module_add(js, NULL, init_db, NULL) == MR_EINVAL);
    EXPECT(mr_js_module_add(js, "x", NULL, NULL) == MR_EINVAL);
    EXPECT(mr_js_module_add(js, "x", init_db, &two) == 0);
    EXPECT(mr_js_module_add(js, "x", init_db, &two) == MR_EEXIST);
    run("import('host:x').catch((e) => note(e.code)); import('y').catch((e) => note(e.code));"
        "import('x', { with: { type: 'json' } }).catch((e) => note(e.name))");
    turn();
    turn();
    EXPECT(strstr(story, "TypeError") != NULL && strstr(story, "ERR_MODULE_NOT_FOUND") != NULL);
    finish_js();
}

static void module_may_be_exported_again_and_missing_names_are_told(void **state)
{
    (void)state;
    char folder[] = "/tmp/millrace-modules-XXXXXX", path[64];
    assert_non_null(mkdtemp(folder));
    static const struct {
        const char *name, *text;
    } files[] = {{"again.mjs", "export * from 'db'; export { one as uno } from 'db';"},
                 {"again.cjs", "module.exports = require('db');"},
                 {"missing.mjs", "import { three } from 'db';"},
                 {"main.mjs", "import * as a from './again.mjs'; import { two } from './again.cjs';"
                              "note([a.one, a.uno, two, import.meta.resolve('db')].join());"
                              "await import('./missing.mjs').catch((e) => note(e.name))"}};
    for (size_t i = 0; i < COUNT_OF(files); i++) {
        snprintf(path, sizeof path, "%s/%s", folder, files[i].name);
        FILE *file = fopen(path, "w");
        fputs(files[i].text, file);
        fclose(file);
    }
    begin_js();
    EXPECT(mr_js_module_add(js, "db", init_db, &two) == 0);
    EXPECT(mr_js_run_file(js, path, MR_JS_AUTO, NULL) == 0);
    turn();
    assert_story("1,1,2,db SyntaxError");
    finish_js();
    for (size_t i = 0; i < COUNT_OF(files); i++) {
        snprintf(path, sizeof path, "%s/%s", folder, files[i].name);
        unlink(path);
    }
    rmdir(folder);
}

static void module_whose_init_ends_the_script_ends_it(void **state)
{
    (void)state;
    begin_js();
    EXPECT(mr_js_module_add(js, "exits", init_exits, NULL) == 0);
    run("import('exits').then(() => note('never'), () => note('never'))");
    turn();
    int code = 0;
    EXPECT(mr_js_exit_code(js, &code) && code == 4);
    assert_story("");
    finish_js();
}

/* ---- I7 ---- */

static const char ladder[] = "note('code'); process.nextTick(() => note('tick'));"
                             "Promise.resolve().then(() => note('job')); 5";

static void eval_and_call(const char *where)
{
    mr_js_value *value = NULL, *fn = eval("(x) => { note('fn'); queueMicrotask(() => note('job2'));"
                                          " return x + 1 }");
    double number = 0;
    note("%s", where);
    EXPECT(mr_js_eval(js, ladder, strlen(ladder), NULL, MR_JS_SCRIPT, &value) == 0);
    mr_js_value *result = NULL;
    EXPECT(mr_js_call(js, fn, NULL, 1, &value, &result) == 0);
    EXPECT(mr_js_to_double(js, result, &number) == 0 && number == 6);
    note("end");
    mr_js_value_unref(result);
    mr_js_value_unref(value);
    mr_js_value_unref(fn);
}

static void eval_in_task(void *arg)
{
    (void)arg;
    eval_and_call("task");
}

static mr_status eval_in_function(mr_js *of, size_t argc, mr_js_value *const *argv, void *arg,
                                  mr_js_value **out_value)
{
    (void)of, (void)argc, (void)argv, (void)arg, (void)out_value;
    eval_and_call("inside");
    return 0;
}

static void I7_between_turns_each_entry_has_its_checkpoint(void **state)
{
    (void)state;
    begin_js();
    eval_and_call("between");
    assert_story("between code tick job fn job2 end");
    finish_js();
}

static void I7_inside_a_callback_the_checkpoint_is_that_of_the_callback(void **state)
{
    (void)state;
    begin_js();
    in_task(eval_in_task, NULL);
    assert_story("task code fn end tick job job2");
    finish_js();
}

static void I7_inside_JavaScript_nothing_runs_in_between(void **state)
{
    (void)state;
    begin_js();
    add_function("enter", eval_in_function, NULL);
    run("queueMicrotask(() => note('first')); enter(); note('after')");
    assert_story("inside code fn end after tick first job job2");
    story_clear();
    run("setTimeout(() => { enter(); note('after') }, 0)");
    while (strstr(story, "job2") == NULL)
        assert_int_equal(mr_loop_turn(loop, SEC), 0);
    assert_story("inside code fn end after tick job job2");
    finish_js();
}

static void I7_what_is_thrown_inside_reaches_the_caller_and_no_other(void **state)
{
    (void)state;
    begin_js();
    run("process.on('uncaughtException', () => note('never'))");
    mr_js_value *fn = eval("(x) => { throw x }"), *value = eval("globalThis.o = {}");
    EXPECT(mr_js_call(js, fn, NULL, 1, &value, NULL) == MR_EJS);
    mr_error *error = NULL;
    EXPECT(mr_js_exception(js, &error) == 0);
    show("x", mr_value_error(error));
    EXPECT_TRUE("x === o");
    mr_error_unref(error);
    turn();
    assert_story("");
    mr_js_value_unref(fn);
    mr_js_value_unref(value);
    finish_js();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENARIO(module_is_imported_and_required_by_name_and_made_once),
        SCENARIO(module_of_the_host_comes_before_built_ins_and_packages_but_not_before_node_names),
        SCENARIO(module_that_fails_gives_each_importer_the_same_error),
        SCENARIO(module_names_are_checked),
        SCENARIO(module_may_be_exported_again_and_missing_names_are_told),
        SCENARIO(module_whose_init_ends_the_script_ends_it),
        SCENARIO(I7_between_turns_each_entry_has_its_checkpoint),
        SCENARIO(I7_inside_a_callback_the_checkpoint_is_that_of_the_callback),
        SCENARIO(I7_inside_JavaScript_nothing_runs_in_between),
        SCENARIO(I7_what_is_thrown_inside_reaches_the_caller_and_no_other),
    };
    return RUN_SCENARIOS(tests);
}
