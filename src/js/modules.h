/* Modules of both kinds: what modules.c, commonjs.c, module_records.c and entry.c share.
 *
 * ES modules live in the engine under the name that stacks show: the file URL of the real path, or
 * node:NAME. CommonJS modules are objects in require.cache under their real path. */
#ifndef MR_JS_MODULES_H
#define MR_JS_MODULES_H

#include "js/module_names.h"
#include "js/module_records.h"
#include "js/resolve.h"
#include "js/runtime.h"

/* An ES module whose text is being compiled, which loads what it imports. Innermost first. */
struct mr__compile_frame {
    struct mr__compile_frame *outer;
    mr__module_record *record;
    const char *text; /* NULL once wanted is filled */
    size_t len;
    mr__wanted_list wanted;
};

struct mr__js_modules {
    mr__resolver *resolver;
    mr__module_records records;
    struct mr__compile_frame *frame; /* NULL: nothing is being compiled */
    const mr__wanted *wanted;        /* what the import under way asks for; NULL: everything */
    mr__bytes main_name;             /* of the entry as an ES module */
    mr__bytes entry_path;            /* of the file that was run last */
    mr__bytes stdin_text;            /* the entry's text when it came from standard input */

    JSValue cache;        /* require.cache */
    JSValue module_proto; /* of module objects: require */
    JSValue main;         /* require.main */
};

/* ---- modules.c --------------------------------------------------------------------------------*/

/* Evaluate a text, which is borrowed, as the module of that name: its promise. When the text itself
 * does not compile, *out_bad_syntax is set. */
JSValue mr__modules_evaluate(mr_js *js, const char *name, const mr__bytes *text,
                             bool *out_bad_syntax);
/* What require() of an ES module gives: its namespace once it is evaluated, which must need no waiting. */
JSValue mr__modules_require(mr_js *js, const char *path);
/* Throw what the resolver said; error passes in. */
JSValue mr__modules_throw(JSContext *ctx, mr__resolve_error *error);
/* Parse the text of a JSON file; errors name the path. */
JSValue mr__modules_parse_json(JSContext *ctx, const char *path, const mr__bytes *text);
bool mr__modules_is_syntax_error(JSContext *ctx, JSValueConst value);

/* Have the engine ask for modules. */
void mr__js_modules_listen(mr_js *js);
/* The text of a source that cannot be read again ("[stdin]" and its URL), or NULL. */
const mr__bytes *mr__js_source_of(mr_js *js, const char *name);

/* module_missing.c: what linking the graph below root failed with; for a missing export an error that
 * says who imports it. error passes; owned. */
JSValue mr__module_missing(mr_js *js, mr__module_record *root, JSValue error);

/* ---- commonjs.c -------------------------------------------------------------------------------*/

int mr__commonjs_install(mr_js *js);
void mr__commonjs_destroy(mr_js *js);
/* module.exports of the file, which runs now unless require.cache has it. */
JSValue mr__commonjs_load(mr_js *js, const char *path, JSValueConst parent);
/* Whether require.cache has it, completely loaded. */
bool mr__commonjs_is_loaded(mr_js *js, const char *path);
/* The text of a file as the function that runs it; name is what stacks show. */
JSValue mr__commonjs_compile(JSContext *ctx, const char *name, const mr__bytes *text);
/* Run the compiled entry (owned, passes in) as require.main. */
JSValue mr__commonjs_run_main(mr_js *js, const char *path, JSValue function);
/* A require function for code in that file. */
JSValue mr__commonjs_new_require(mr_js *js, const char *path);

/* ---- commonjs_require.c -----------------------------------------------------------------------*/

/* The function require for a module object whose file is path. */
JSValue mr__require_new(mr_js *js, JSValueConst module, const char *path);
/* require(argv[0]) on behalf of the module. */
JSValue mr__require_call(JSContext *ctx, JSValueConst module, const char *path, int argc,
                         JSValueConst *argv);
/* An array of the directories where packages are looked for from that directory. */
JSValue mr__require_paths(JSContext *ctx, const char *directory);

/* ---- commonjs_exports.c -----------------------------------------------------------------------*/

/* Load the record's CommonJS file as an ES module; run it now if its names cannot be known before.
 */
JSModuleDef *mr__commonjs_module(mr_js *js, mr__module_record *record);
/* Another importer wants names of a module that is not linked yet. */
int mr__commonjs_module_extend(mr_js *js, mr__module_record *record);
/* Give a module of C the exports that an object has: default and its own enumerable names. */
JSModuleDef *mr__module_of_exports(mr_js *js, mr__module_record *record, JSValue exports);
/* A module that throws the error, which passes in, when it is evaluated. */
JSModuleDef *mr__module_of_error(mr_js *js, mr__module_record *record, JSValue error);

#endif
