/* builtinc OUT.c ROOT_DIR FILES...
 *
 * Host tool of the build: compiles the JavaScript library files with the engine and writes them as
 * C arrays of bytecode. Each file is the body of a function (primordials, binding, require); the
 * name of a file is its path below ROOT_DIR without ".js", and stacks show it as node:NAME, or as
 * millrace:internal/… for those that scripts cannot import. */
#include <quickjs.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct source {
    const char *path;
    char *name;
    uint8_t *code;
    size_t len;
};

static const char head[] = "(function (primordials, binding, require) {'use strict';";
static const char tail[] = "\n})";

static void *grab(void *block, size_t size)
{
    block = realloc(block, size);
    if (block == NULL) {
        fputs("builtinc: out of memory\n", stderr);
        exit(1);
    }
    return block;
}

static bool is_internal(const char *name)
{
    return strncmp(name, "internal/", 9) == 0;
}

/* The name of a file: what follows the root, without the ending. */
static char *name_of(const char *root, const char *path)
{
    size_t skip = strlen(root);
    while (skip > 0 && root[skip - 1] == '/')
        skip--;
    size_t len = strlen(path);
    if (strncmp(path, root, skip) != 0 || path[skip] != '/' || len < skip + 5 ||
        strcmp(path + len - 3, ".js") != 0) {
        fprintf(stderr, "builtinc: %s: not a .js file below %s\n", path, root);
        exit(1);
    }
    size_t name_len = len - 3 - (skip + 1);
    char *name = grab(NULL, name_len + 1);
    memcpy(name, path + skip + 1, name_len);
    name[name_len] = '\0';
    return name;
}

/* The whole file between head and tail, terminated. */
static char *read_wrapped(const char *path, size_t *out_len)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        perror(path);
        exit(1);
    }
    size_t len = sizeof(head) - 1, cap = 65536;
    char *text = grab(NULL, cap);
    memcpy(text, head, len);
    for (size_t got = 1; got != 0; len += got) {
        if (cap - len < 16384)
            text = grab(text, cap *= 2);
        got = fread(text + len, 1, cap - len - sizeof(tail), file);
    }
    if (ferror(file)) {
        perror(path);
        exit(1);
    }
    fclose(file);
    memcpy(text + len, tail, sizeof(tail));
    *out_len = len + sizeof(tail) - 1;
    return text;
}

/* Say where the compiler stopped, as path:line:column: message. */
static void report(JSContext *ctx, const struct source *source)
{
    JSValue error = JS_GetException(ctx);
    JSValue stack = JS_GetPropertyStr(ctx, error, "stack");
    const char *message = JS_ToCString(ctx, error);
    const char *frames = JS_ToCString(ctx, stack);
    int line = 0, column = 0;
    const char *at = frames == NULL ? NULL : strstr(frames, source->name);
    if (at != NULL)
        sscanf(at + strlen(source->name), ":%d:%d", &line, &column);
    if (line == 1)
        column -= (int)sizeof(head) - 1;
    fprintf(stderr, "%s:%d:%d: %s\n", source->path, line, column, message ? message : "?");
    JS_FreeCString(ctx, frames);
    JS_FreeCString(ctx, message);
    JS_FreeValue(ctx, stack);
    JS_FreeValue(ctx, error);
}

static bool compile(JSContext *ctx, struct source *source)
{
    size_t text_len;
    char *text = read_wrapped(source->path, &text_len);
    char file_name[512];
    snprintf(file_name, sizeof(file_name), "%s:%s", is_internal(source->name) ? "millrace" : "node",
             source->name);
    JSValue code =
        JS_Eval(ctx, text, text_len, file_name, JS_EVAL_TYPE_GLOBAL | JS_EVAL_FLAG_COMPILE_ONLY);
    free(text);
    if (JS_IsException(code)) {
        report(ctx, source);
        return false;
    }
    size_t len;
    uint8_t *bytes =
        JS_WriteObject(ctx, &len, code, JS_WRITE_OBJ_BYTECODE | JS_WRITE_OBJ_STRIP_SOURCE);
    JS_FreeValue(ctx, code);
    if (bytes == NULL) {
        report(ctx, source);
        return false;
    }
    source->code = grab(NULL, len);
    source->len = len;
    memcpy(source->code, bytes, len);
    js_free(ctx, bytes);
    return true;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct source *)a)->name, ((const struct source *)b)->name);
}

static void write_array(FILE *out, size_t index, const struct source *source)
{
    fprintf(out, "/* %s */\nstatic const uint8_t code_%zu[] = {", source->name, index);
    for (size_t i = 0; i < source->len; i++)
        fprintf(out, "%s%u,", i % 24 == 0 ? "\n" : "", (unsigned)source->code[i]);
    fputs("\n};\n", out);
}

static void write_tables(FILE *out, const struct source *sources, size_t count)
{
    fputs("const struct mr__builtin_source mr__builtin_sources[] = {\n", out);
    for (size_t i = 0; i < count; i++)
        fprintf(out, "    {\"%s\", code_%zu, sizeof(code_%zu)},\n", sources[i].name, i, i);
    fprintf(out, "};\nconst size_t mr__builtin_source_count = %zu;\n", count);
    fputs("const char *const mr__builtin_public_names[] = {\n", out);
    for (size_t i = 0; i < count; i++) {
        if (!is_internal(sources[i].name))
            fprintf(out, "    \"%s\",\n", sources[i].name);
    }
    fputs("    NULL,\n};\n", out);
}

static int write_file(const char *path, const struct source *sources, size_t count)
{
    FILE *out = fopen(path, "wb");
    if (out == NULL) {
        perror(path);
        return 1;
    }
    fputs("/* Written by builtinc from src/js/lib: do not edit. */\n", out);
    fputs("#include \"js/builtins.h\"\n\n", out);
    for (size_t i = 0; i < count; i++)
        write_array(out, i, &sources[i]);
    write_tables(out, sources, count);
    bool failed = ferror(out) != 0;
    if (fclose(out) != 0 || failed) {
        perror(path);
        return 1;
    }
    return 0;
}

int main(int argc, char **argv)
{
    if (argc < 4) {
        fputs("usage: builtinc OUT.c ROOT_DIR FILES...\n", stderr);
        return 2;
    }
    JSRuntime *rt = JS_NewRuntime();
    JSContext *ctx = rt == NULL ? NULL : JS_NewContext(rt);
    if (ctx == NULL) {
        fputs("builtinc: out of memory\n", stderr);
        return 1;
    }
    size_t count = (size_t)argc - 3;
    struct source *sources = grab(NULL, count * sizeof(*sources));
    memset(sources, 0, count * sizeof(*sources));
    bool good = true;
    for (size_t i = 0; i < count; i++) {
        sources[i].path = argv[i + 3];
        sources[i].name = name_of(argv[2], argv[i + 3]);
        good = compile(ctx, &sources[i]) && good;
    }
    qsort(sources, count, sizeof(*sources), by_name);
    int status = good ? write_file(argv[1], sources, count) : 1;
    for (size_t i = 0; i < count; i++) {
        free(sources[i].name);
        free(sources[i].code);
    }
    free(sources);
    JS_FreeContext(ctx);
    JS_FreeRuntime(rt);
    return status;
}
