#include "js/resolve.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/memory.h"
#include "js/file_url.h"
#include "js/module_names.h"
#include "js/package_json.h"
#include "js/source_text.h"

/* ---- A tree of files in a new folder ----------------------------------------------------------*/

static char root[64];
static mr__resolver *resolver;
static const char *const builtins[] = {"fs", "path", NULL};

static void put(const char *name, const char *text)
{
    char path[256];
    snprintf(path, sizeof(path), "%s/%s", root, name);
    for (char *slash = path + strlen(root) + 1; (slash = strchr(slash, '/')) != NULL; slash++) {
        *slash = '\0';
        mkdir(path, 0700);
        *slash = '/';
    }
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static int set_up(void **state)
{
    (void)state;
    strcpy(root, "/tmp/millrace-resolve-XXXXXX");
    assert_non_null(mkdtemp(root));
    resolver = mr__resolver_create(builtins);
    assert_non_null(resolver);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    char command[96];
    mr__resolver_destroy(resolver);
    snprintf(command, sizeof(command), "rm -rf '%s'", root);
    return system(command);
}

/* What an import of the specifier from ROOT/main.mjs gives: the path below the root and the suffix,
 * "node:" and a name, or the code of the error. */
static const char *import(const char *specifier)
{
    static char text[512];
    char importer[128];
    mr__resolved found = {0};
    mr__resolve_error error = {0};
    snprintf(importer, sizeof(importer), "file://%s/main.mjs", root);
    if (!mr__resolve_import(resolver, specifier, importer, &found, &error))
        snprintf(text, sizeof(text), "%s", error.code);
    else if (found.builtin)
        snprintf(text, sizeof(text), "node:%s", mr__bytes_cstr(&found.name));
    else
        snprintf(text, sizeof(text), "%s%s", mr__bytes_cstr(&found.name) + strlen(root),
                 mr__bytes_cstr(&found.suffix));
    mr__resolved_deinit(&found);
    mr__resolve_error_deinit(&error);
    return text;
}

static const char *require(const char *request)
{
    static char text[512];
    mr__resolved found = {0};
    mr__resolve_error error = {0};
    if (!mr__resolve_require(resolver, request, root, NULL, &found, &error))
        snprintf(text, sizeof(text), "%s", error.code);
    else
        snprintf(text, sizeof(text), "%s%s", found.builtin ? "node:" : "",
                 mr__bytes_cstr(&found.name) + (found.builtin ? 0 : strlen(root)));
    mr__resolved_deinit(&found);
    mr__resolve_error_deinit(&error);
    return text;
}

/* ---- import -----------------------------------------------------------------------------------*/

static void import_takes_files_as_they_are_named(void **state)
{
    (void)state;
    put("a.mjs", "");
    put("dir/index.js", "");
    assert_string_equal(import("./a.mjs"), "/a.mjs");
    assert_string_equal(import("./dir/../a.mjs?q#f"), "/a.mjs?q#f");
    assert_string_equal(import("./a"), "ERR_MODULE_NOT_FOUND");
    assert_string_equal(import("./dir"), "ERR_UNSUPPORTED_DIR_IMPORT");
    assert_string_equal(import("./dir/"), "ERR_UNSUPPORTED_DIR_IMPORT");
}

static void import_decodes_urls(void **state)
{
    (void)state;
    put("a b%.mjs", "");
    assert_string_equal(import("./a%20b%25.mjs"), "/a b%.mjs");
    assert_string_equal(import("./a b%.mjs"), "/a b%.mjs");
    assert_string_equal(import("./a%2Fb.mjs"), "ERR_INVALID_MODULE_SPECIFIER");
    assert_string_equal(import("file://other/a.mjs"), "ERR_INVALID_FILE_URL_HOST");
}

static void links_lead_to_the_real_path(void **state)
{
    (void)state;
    char link[128];
    put("a.mjs", "");
    snprintf(link, sizeof(link), "%s/link.mjs", root);
    assert_int_equal(symlink("a.mjs", link), 0);
    assert_string_equal(import("./link.mjs"), "/a.mjs");
    assert_string_equal(require("./link.mjs"), "/a.mjs");
}

static void builtin_names_go_before_packages(void **state)
{
    (void)state;
    put("node_modules/fs/index.js", "");
    assert_string_equal(import("fs"), "node:fs");
    assert_string_equal(import("node:path"), "node:path");
    assert_string_equal(import("node:none"), "ERR_UNKNOWN_BUILTIN_MODULE");
    assert_string_equal(import("http:x"), "ERR_UNSUPPORTED_ESM_URL_SCHEME");
    assert_string_equal(require("fs"), "node:fs");
    assert_string_equal(require("node:none"), "ERR_UNKNOWN_BUILTIN_MODULE");
}

/* ---- Packages ---------------------------------------------------------------------------------*/

static void conditions_are_tried_in_the_order_of_the_object(void **state)
{
    (void)state;
    put("node_modules/p/package.json",
        "{\"exports\":{\"browser\":\"./no.js\",\"require\":\"./r.js\",\"import\":\"./i.js\","
        "\"millrace\":\"./m.js\"}}");
    put("node_modules/p/r.js", "");
    put("node_modules/p/i.js", "");
    assert_string_equal(import("p"), "/node_modules/p/i.js");
    assert_string_equal(require("p"), "/node_modules/p/r.js");
    assert_string_equal(import("p/r.js"), "ERR_PACKAGE_PATH_NOT_EXPORTED");
}

static void the_longest_pattern_wins_and_null_hides(void **state)
{
    (void)state;
    put("node_modules/p/package.json",
        "{\"exports\":{\"./*\":\"./src/*.js\",\"./sub/*\":\"./deep/*.js\",\"./sub/x/*\":null}}");
    put("node_modules/p/src/a.js", "");
    put("node_modules/p/deep/a.js", "");
    assert_string_equal(import("p/a"), "/node_modules/p/src/a.js");
    assert_string_equal(import("p/sub/a"), "/node_modules/p/deep/a.js");
    assert_string_equal(import("p/sub/x/a"), "ERR_PACKAGE_PATH_NOT_EXPORTED");
    assert_string_equal(import("p/sub/../a"), "ERR_INVALID_MODULE_SPECIFIER");
}

static void targets_stay_inside_the_package(void **state)
{
    (void)state;
    put("node_modules/p/package.json",
        "{\"exports\":{\"./a\":\"../x.js\",\"./b\":\"./../x.js\",\"./c\":\"./node_modules/x.js\","
        "\"./d\":\"/x.js\",\"./e\":\"./%2e%2e/x.js\",\"./f\":[\"x\",\"./ok.js\"]}}");
    put("node_modules/p/ok.js", "");
    const char *const bad[] = {"p/a", "p/b", "p/c", "p/d", "p/e"};
    for (size_t i = 0; i < 5; i++)
        assert_string_equal(import(bad[i]), "ERR_INVALID_PACKAGE_TARGET");
    assert_string_equal(import("p/f"), "/node_modules/p/ok.js");
}

static void packages_are_looked_for_upwards(void **state)
{
    (void)state;
    put("node_modules/@s/p/package.json", "{\"main\":\"lib\"}");
    put("node_modules/@s/p/lib/index.js", "");
    put("deep/er/x.js", "");
    assert_string_equal(import("@s/p"), "/node_modules/@s/p/lib/index.js");
    assert_string_equal(require("@s/p/lib"), "/node_modules/@s/p/lib/index.js");
    assert_string_equal(import("@s/q"), "ERR_MODULE_NOT_FOUND");
    assert_string_equal(import("@s"), "ERR_INVALID_MODULE_SPECIFIER");
    assert_string_equal(require("@s/q"), "MODULE_NOT_FOUND");
}

static void a_package_knows_itself(void **state)
{
    (void)state;
    put("package.json",
        "{\"name\":\"me\",\"exports\":{\".\":\"./a.js\"},\"imports\":{\"#a\":\"./a.js\","
        "\"#fs\":\"fs\",\"#out\":\"../a.js\"}}");
    put("a.js", "");
    assert_string_equal(import("me"), "/a.js");
    assert_string_equal(import("#a"), "/a.js");
    assert_string_equal(require("#a"), "/a.js");
    assert_string_equal(import("#fs"), "node:fs");
    assert_string_equal(import("#out"), "ERR_INVALID_PACKAGE_TARGET");
    assert_string_equal(import("#b"), "ERR_PACKAGE_IMPORT_NOT_DEFINED");
}

static void type_is_that_of_the_nearest_package(void **state)
{
    (void)state;
    char path[128];
    put("package.json", "{\"type\":\"module\"}");
    put("sub/package.json", "{}");
    snprintf(path, sizeof(path), "%s/x/y.js", root);
    assert_int_equal(mr__resolver_package_type(resolver, path), MR__PACKAGE_MODULE);
    snprintf(path, sizeof(path), "%s/sub/y.js", root);
    assert_int_equal(mr__resolver_package_type(resolver, path), MR__PACKAGE_NO_TYPE);
    snprintf(path, sizeof(path), "%s/node_modules/y.js", root);
    assert_int_equal(mr__resolver_package_type(resolver, path), MR__PACKAGE_NONE);
}

/* ---- require ----------------------------------------------------------------------------------*/

static void require_guesses_endings_and_directories(void **state)
{
    (void)state;
    put("a.js", "");
    put("b.json", "{}");
    put("c/index.json", "{}");
    put("d/package.json", "{\"main\":\"./m\"}");
    put("d/m.js", "");
    put("c.js/x", "");
    assert_string_equal(require("./a"), "/a.js");
    assert_string_equal(require("./b"), "/b.json");
    assert_string_equal(require("./c"), "/c/index.json");
    assert_string_equal(require("./c/"), "/c/index.json");
    assert_string_equal(require("./d"), "/d/m.js");
    assert_string_equal(require("./a/"), "MODULE_NOT_FOUND");
    assert_string_equal(require("./a.js/"), "MODULE_NOT_FOUND");
}

/* ---- JSON -------------------------------------------------------------------------------------*/

static void json_takes_what_json_is(void **state)
{
    (void)state;
    static const char *const good[] = {"{}", " [1, -0.5e+3, \"\\u00e9\\ud83d\\ude00\\n\"] ", "null",
                                       "{\"a\":{\"b\":[true,false]}}"};
    static const char *const bad[] = {"",    "{",   "{a:1}",  "[1,]",     "{\"a\":1,}",
                                      "01",  "'a'", "\"\n\"", "1 2",      "\"\\x\"",
                                      "nul", "-",   "[1}",    "\"\\ud8\""};
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        mr__json *node = mr__json_parse(good[i], strlen(good[i]));
        assert_non_null(node);
        mr__json_free(node);
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_null(mr__json_parse(bad[i], strlen(bad[i])));
}

static void json_keeps_order_and_the_last_of_a_name(void **state)
{
    (void)state;
    const char text[] = "{\"b\":\"1\",\"a\":\"2\",\"b\":\"3\"}";
    mr__json *node = mr__json_parse(text, sizeof(text) - 1);
    assert_string_equal(node->first->key, "b");
    assert_string_equal(mr__json_text(mr__json_get(node, "b")), "3");
    assert_null(mr__json_get(node, "c"));
    mr__json_free(node);
}

static void json_ends_too_deep_nesting(void **state)
{
    (void)state;
    char text[1000];
    memset(text, '[', sizeof(text));
    assert_null(mr__json_parse(text, sizeof(text)));
}

/* ---- Text and names ---------------------------------------------------------------------------*/

static void source_text_is_made_valid(void **state)
{
    (void)state;
    mr__bytes text = {0};
    mr__bytes_str(&text, "\xEF\xBB\xBF#!x\n\xFF\xE2\x82\xC3\xA9");
    mr__source_clean(&text);
    assert_string_equal(mr__bytes_cstr(&text), "//x\n\xEF\xBF\xBD\xEF\xBF\xBD\xC3\xA9");
    assert_false(mr__source_uses_commonjs(&text));
    mr__bytes_str(&text, " my_module exports");
    assert_true(mr__source_uses_commonjs(&text));
    mr__bytes_deinit(&text);
}

static bool offers(const char *text, const char *name)
{
    mr__commonjs_names names = {0};
    mr__commonjs_names_find(&names, text, strlen(text));
    bool found = mr__export_names_has(&names.exports, name);
    mr__commonjs_names_deinit(&names);
    return found;
}

static void commonjs_names_are_found_in_the_text(void **state)
{
    (void)state;
    assert_true(offers("exports.a = 1", "a"));
    assert_true(offers("module.exports.a = exports.b = 1", "b"));
    assert_true(offers("exports['a-b'] = 1", "a-b"));
    assert_true(offers("module.exports = { x, a: [{ b: 1 }, c], d() {}, e }", "e"));
    assert_true(offers("Object.defineProperty(exports, \"a\", { get() {} })", "a"));
    assert_true(offers("0 && (module.exports = { a })", "a"));
    assert_true(offers("x = `${ `}` }`; if (y) /'/.test(z); exports.a = 1", "a"));
    assert_false(offers("exports.a == 1; // exports.a = 1", "a"));
    assert_false(offers("'exports.a = 1'; other.exports.a = 2", "a"));
    assert_false(offers("module.exports = { x: { a: 1 } }", "a"));
}

static void wanted_names_are_found_in_the_text(void **state)
{
    (void)state;
    static const char text[] =
        "import d, { a, b as c } from 'x'; import 'y'; import * as n from 'z';\n"
        "export { e as f } from \"x\"; export * from 'w'; import('v');\n"
        "const s = \"import { q } from 'x'\"; export const g = import.meta;";
    mr__wanted_list list = {0};
    mr__wanted_list_find(&list, text, sizeof(text) - 1);
    const mr__wanted *x = mr__wanted_list_get(&list, "x");
    assert_non_null(x);
    assert_int_equal(x->names.count, 3);
    assert_true(mr__export_names_has(&x->names, "e") && mr__export_names_has(&x->names, "b"));
    assert_false(x->all);
    assert_true(mr__wanted_list_get(&list, "z")->all && mr__wanted_list_get(&list, "w")->all);
    assert_null(mr__wanted_list_get(&list, "v"));
    mr__wanted_list_deinit(&list);
}

static void file_urls_and_paths_go_both_ways(void **state)
{
    (void)state;
    mr__bytes url = {0}, path = {0}, suffix = {0};
    const char odd[] = "/a b/%/#?[x]/\xC3\xA9\\";
    mr__file_url_append(&url, odd);
    assert_string_equal(mr__bytes_cstr(&url), "file:///a%20b/%25/%23%3F%5Bx%5D/%C3%A9%5C");
    /* An encoded backslash is refused, so without it: */
    url.len -= 3;
    assert_int_equal(mr__file_url_resolve(mr__bytes_cstr(&url), "/", &path, &suffix),
                     MR__FILE_URL_OK);
    assert_memory_equal(path.data, odd, path.len);
    assert_int_equal(path.len, sizeof(odd) - 2);
    assert_int_equal(suffix.len, 0);
    mr__bytes_deinit(&url);
    mr__bytes_deinit(&path);
    mr__bytes_deinit(&suffix);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(import_takes_files_as_they_are_named),
        TEST(import_decodes_urls),
        TEST(links_lead_to_the_real_path),
        TEST(builtin_names_go_before_packages),
        TEST(conditions_are_tried_in_the_order_of_the_object),
        TEST(the_longest_pattern_wins_and_null_hides),
        TEST(targets_stay_inside_the_package),
        TEST(packages_are_looked_for_upwards),
        TEST(a_package_knows_itself),
        TEST(type_is_that_of_the_nearest_package),
        TEST(require_guesses_endings_and_directories),
        cmocka_unit_test(json_takes_what_json_is),
        cmocka_unit_test(json_keeps_order_and_the_last_of_a_name),
        cmocka_unit_test(json_ends_too_deep_nesting),
        cmocka_unit_test(source_text_is_made_valid),
        cmocka_unit_test(commonjs_names_are_found_in_the_text),
        cmocka_unit_test(wanted_names_are_found_in_the_text),
        cmocka_unit_test(file_urls_and_paths_go_both_ways),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
