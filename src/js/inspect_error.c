/* Errors in the inspector: the head, the frames, what they hold besides.
 *
 * The engine keeps the frames without the line `Name: message` that Node.js has in front of them,
 * so the head is made here, from the name and message of now. A `stack` that a script set is taken
 * as it is, unless it consists of frames alone (Error.captureStackTrace). */
#include <string.h>

#include "js/inspect.h"

static const char frame_start[] = "\n    at";
enum { FRAME_START = sizeof(frame_start) - 1, FEW_FRAMES = 3 };

/* ---- Head -------------------------------------------------------------------------------------*/

/* The primitive that err[atom] holds as text; fallback if there is none. */
static int append_field(mr__inspector *in, mr__bytes *out, JSValueConst error, enum mr__atom atom,
                        const char *fallback)
{
    JSValue value = mr__data_get(in->js, error, mr__intrinsics_of(in->js)->atoms[atom]);
    int result = 0;
    if (JS_IsUndefined(value) || JS_IsNull(value) || JS_IsObject(value))
        mr__bytes_str(out, fallback);
    else
        result = mr__text_append_js(in->ctx, out, value);
    JS_FreeValue(in->ctx, value);
    return result;
}

/* Whether the error is one of the library's: between it and its class stands an object that is no
 * class's prototype but has the toString which shows the code. */
static bool is_coded(mr__inspector *in, JSValueConst error)
{
    struct mr__intrinsics *known = mr__intrinsics_of(in->js);
    JSAtom to_string = known->atoms[MR__ATOM_TO_STRING];
    JSAtom constructor = known->atoms[MR__ATOM_CONSTRUCTOR];
    JSValue proto = JS_IsError(error) ? JS_GetPrototype(in->ctx, error) : JS_UNDEFINED;
    bool coded = JS_IsObject(proto) && !mr__data_is_own(in->js, error, to_string, NULL) &&
                 mr__data_is_own(in->js, proto, to_string, NULL) &&
                 !mr__data_is_own(in->js, proto, constructor, NULL);
    JS_FreeValue(in->ctx, proto);
    return coded;
}

/* `Name: message`, `Name [CODE]: message`, or the one of the two that is there. */
static int append_head(mr__inspector *in, mr__bytes *out, JSValueConst error)
{
    mr__bytes message = {0};
    size_t before = out->len;
    int result = append_field(in, out, error, MR__ATOM_NAME, "Error");
    if (result == 0 && is_coded(in, error)) {
        mr__bytes code = {0};
        result = append_field(in, &code, error, MR__ATOM_CODE, "");
        if (code.len > 0) {
            mr__bytes_str(out, " [");
            mr__bytes_append(out, code.data, code.len);
            mr__bytes_char(out, ']');
        }
        mr__bytes_deinit(&code);
    }
    if (result == 0)
        result = append_field(in, &message, error, MR__ATOM_MESSAGE, "");
    if (out->len > before && message.len > 0)
        mr__bytes_str(out, ": ");
    mr__bytes_append(out, message.data, message.len);
    mr__bytes_deinit(&message);
    return result;
}

/* ---- Stack ------------------------------------------------------------------------------------*/

static bool is_frames(const char *text, size_t len)
{
    return len >= FRAME_START - 1 && memcmp(text, frame_start + 1, FRAME_START - 1) == 0;
}

/* The error's stack, the head included. */
static int append_stack(mr__inspector *in, mr__bytes *out, JSValueConst error)
{
    JSAtom atom = mr__intrinsics_of(in->js)->atoms[MR__ATOM_STACK];
    JSValue stack;
    if (mr__data_is_own(in->js, error, atom, NULL) || !JS_IsError(error))
        stack = mr__data_get(in->js, error, atom);
    else
        stack = mr__js_error_frames(in->js, error);
    size_t len = 0;
    const char *text = JS_IsString(stack) ? JS_ToCStringLen(in->ctx, &len, stack) : NULL;
    bool frames = text != NULL && is_frames(text, len);
    int result = 0;
    if (frames || len == 0)
        result = append_head(in, out, error);
    while (frames && len > 0 && text[len - 1] == '\n')
        len--;
    if (frames)
        mr__bytes_char(out, '\n');
    mr__bytes_append(out, text, len);
    JS_FreeCString(in->ctx, text);
    JS_FreeValue(in->ctx, stack);
    return result;
}

static bool starts_with(const mr__bytes *text, const mr__bytes *start)
{
    return text->len >= start->len &&
           (start->len == 0 || memcmp(text->data, start->data, start->len) == 0);
}

static bool ends_with(const mr__bytes *text, const char *end)
{
    size_t len = strlen(end);
    return text->len >= len && memcmp(text->data + text->len - len, end, len) == 0;
}

static bool is_name_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c != '\0' && strchr("_ []()-", c) != NULL);
}

/* Length of the class's name at the start of a stack whose object cannot tell it. */
static size_t leading_name(const mr__bytes *stack)
{
    size_t len = 0, at = 0;
    while (len < stack->len && is_name_char(stack->data[len]))
        len++;
    bool capital = len > 1 && stack->data[0] >= 'A' && stack->data[0] <= 'Z';
    bool frames =
        mr__text_find(stack->data, stack->len, frame_start, FRAME_START, &at) && at == len;
    if (capital && len < stack->len && (stack->data[len] == ':' || frames))
        return len;
    return len == stack->len && ends_with(stack, "Error") ? len : 0;
}

/* Show the class where the head shows only the inherited name: `Foo [Error]: text`. */
static void improve_head(mr__shape *shape, mr__bytes *stack, const mr__bytes *name)
{
    size_t len = name->len;
    char after = stack->len > len ? stack->data[len] : '\n';
    bool plain =
        ends_with(name, "Error") && starts_with(stack, name) && (after == ':' || after == '\n');
    if (!shape->no_constructor && !plain)
        return;
    mr__bytes fallback = {0}, prefix = {0}, better = {0};
    if (shape->no_constructor) {
        len = leading_name(stack);
        mr__bytes_append(&fallback, stack->data, len);
    }
    if (fallback.len == 0)
        mr__bytes_str(&fallback, "Error");
    mr__shape_prefix(shape, &prefix, mr__bytes_cstr(&fallback), "");
    if (prefix.len > 0)
        prefix.len--;
    size_t at;
    bool same = prefix.len == name->len && starts_with(&prefix, name);
    mr__bytes_append(&better, prefix.data, prefix.len);
    if (name->len > 0 && !mr__text_find(prefix.data, prefix.len, name->data, name->len, &at)) {
        mr__bytes_str(&better, " [");
        mr__bytes_append(&better, name->data, name->len);
        mr__bytes_char(&better, ']');
    } else if (len == 0) {
        mr__bytes_str(&better, ": ");
    }
    if (!same) {
        mr__bytes_append(&better, stack->data + len, stack->len - len);
        mr__bytes_deinit(stack);
        *stack = better;
        better = (mr__bytes){0};
    }
    mr__bytes_deinit(&better);
    mr__bytes_deinit(&fallback);
    mr__bytes_deinit(&prefix);
}

/* ---- Frames -----------------------------------------------------------------------------------*/

struct line {
    const char *text;
    size_t len;
};

static size_t split_lines(const char *text, size_t len, struct line *lines, size_t max)
{
    size_t count = 0;
    for (const char *end = text + len; text <= end && count < max;) {
        const char *stop = text < end ? memchr(text, '\n', (size_t)(end - text)) : NULL;
        if (stop == NULL)
            stop = end;
        lines[count++] = (struct line){text, (size_t)(stop - text)};
        text = stop + 1;
    }
    return count;
}

static bool same_line(struct line a, struct line b)
{
    return a.len == b.len && memcmp(a.text, b.text, a.len) == 0;
}

/* The first run of more than three frames that the cause has too. */
static size_t shared_frames(const struct line *a, size_t a_count, const struct line *b,
                            size_t b_count, size_t *out_at)
{
    for (size_t i = 0; i + FEW_FRAMES < a_count; i++) {
        size_t k = 0, len = 1;
        while (k < b_count && !same_line(a[i], b[k]))
            k++;
        if (k + FEW_FRAMES >= b_count)
            continue;
        while (i + len < a_count && k + len < b_count && same_line(a[i + len], b[k + len]))
            len++;
        if (len > FEW_FRAMES) {
            *out_at = i;
            return len;
        }
    }
    return 0;
}

/* A frame with the package's name underlined, the engine's own frames in grey. */
static void append_colored_frame(mr__bytes *out, struct line line)
{
    static const char packages[] = "/node_modules/";
    size_t at;
    bool native = mr__text_find(line.text, line.len, "(native)", 8, &at) ||
                  mr__text_find(line.text, line.len, "(node:", 6, &at);
    if (native) {
        mr__style_begin(out, MR__STYLE_UNDEFINED, true);
        mr__bytes_append(out, line.text, line.len);
        mr__style_end(out, MR__STYLE_UNDEFINED, true);
        return;
    }
    while (mr__text_find(line.text, line.len, packages, sizeof(packages) - 1, &at)) {
        size_t start = at + sizeof(packages) - 1, end = start;
        bool scoped = start < line.len && line.text[start] == '@';
        while (end < line.len && (line.text[end] != '/' || scoped)) {
            scoped = scoped && line.text[end] != '/';
            end++;
        }
        mr__bytes_append(out, line.text, start);
        mr__style_begin(out, MR__STYLE_MODULE, true);
        mr__bytes_append(out, line.text + start, end - start);
        mr__style_end(out, MR__STYLE_MODULE, true);
        line = (struct line){line.text + end, line.len - end};
    }
    mr__bytes_append(out, line.text, line.len);
}

enum { LINES_MAX = 256 };

/* Append the frames, each after a newline; those shared with the cause shrink to one line. */
static int append_frames(mr__inspector *in, mr__bytes *out, JSValueConst error, const char *text,
                         size_t len)
{
    struct line *lines = js_malloc(in->ctx, 2 * LINES_MAX * sizeof(*lines));
    if (lines == NULL)
        return -1;
    JSAtom atom = mr__intrinsics_of(in->js)->atoms[MR__ATOM_CAUSE];
    JSValue cause = mr__data_get(in->js, error, atom);
    mr__bytes stack = {0};
    size_t count = split_lines(text, len, lines, LINES_MAX), shared = 0, first = 0, start;
    int result = mr__is_error(in->js, cause) ? append_stack(in, &stack, cause) : 0;
    if (mr__text_find(stack.data, stack.len, frame_start, FRAME_START, &start)) {
        struct line *others = lines + LINES_MAX;
        size_t other_count =
            split_lines(stack.data + start + 1, stack.len - start - 1, others, LINES_MAX);
        shared = shared_frames(lines, count, others, other_count, &first);
    }
    for (size_t i = 0; i < count; i++) {
        mr__bytes_char(out, '\n');
        if (shared > 0 && i == first + 1) {
            mr__style_begin(out, MR__STYLE_UNDEFINED, in->options.colors);
            mr__bytes_printf(out, "    ... %zu lines matching cause stack trace ...", shared - 2);
            mr__style_end(out, MR__STYLE_UNDEFINED, in->options.colors);
            i += shared - 3;
        } else if (in->options.colors) {
            append_colored_frame(out, lines[i]);
        } else {
            mr__bytes_append(out, lines[i].text, lines[i].len);
        }
    }
    mr__bytes_deinit(&stack);
    JS_FreeValue(in->ctx, cause);
    js_free(in->ctx, lines);
    return result;
}

/* ---- Keys -------------------------------------------------------------------------------------*/

/* name, message and stack are not listed when the text shows them already. */
static int drop_shown(mr__inspector *in, mr__shape *shape, const mr__bytes *stack)
{
    static const enum mr__atom shown[] = {MR__ATOM_NAME, MR__ATOM_MESSAGE, MR__ATOM_STACK};
    struct mr__intrinsics *known = mr__intrinsics_of(in->js);
    for (size_t i = 0; i < 3 && !in->options.show_hidden; i++) {
        JSAtom atom = known->atoms[shown[i]];
        if (!mr__keys_have(&shape->keys, atom))
            continue;
        mr__bytes text = {0};
        size_t at;
        if (append_field(in, &text, shape->value, shown[i], "") < 0)
            return -1;
        if (shown[i] == MR__ATOM_STACK || text.len == 0 ||
            mr__text_find(stack->data, stack->len, text.data, text.len, &at))
            mr__keys_remove(in->ctx, &shape->keys, atom);
        mr__bytes_deinit(&text);
    }
    return 0;
}

/* cause and errors are listed although they are hidden. */
static int add_hidden(mr__inspector *in, mr__shape *shape)
{
    struct mr__intrinsics *known = mr__intrinsics_of(in->js);
    JSAtom cause = known->atoms[MR__ATOM_CAUSE], errors = known->atoms[MR__ATOM_ERRORS];
    JSValue value = mr__data_get(in->js, shape->value, cause);
    int result = 0;
    if ((!JS_IsUndefined(value) || mr__data_is_own(in->js, shape->value, cause, NULL)) &&
        !mr__keys_have(&shape->keys, cause))
        result = mr__keys_add(in->ctx, &shape->keys, cause, false);
    JS_FreeValue(in->ctx, value);
    value = mr__data_get(in->js, shape->value, errors);
    if (result == 0 && JS_IsArray(value) && !mr__keys_have(&shape->keys, errors))
        result = mr__keys_add(in->ctx, &shape->keys, errors, false);
    JS_FreeValue(in->ctx, value);
    return result;
}

/* ---- The whole --------------------------------------------------------------------------------*/

/* Where the frames begin, behind the message if the stack holds it; stack->len if there are none.
 */
static size_t find_frames(const mr__bytes *stack, const mr__bytes *message)
{
    size_t from = 0, at;
    if (message->len > 0 &&
        mr__text_find(stack->data, stack->len, message->data, message->len, &at))
        from = at + message->len;
    if (mr__text_find(stack->data + from, stack->len - from, frame_start, FRAME_START, &at))
        return from + at;
    return stack->len;
}

int mr__describe_error(mr__inspector *in, mr__shape *shape)
{
    mr__bytes stack = {0}, name = {0}, message = {0}, text = {0};
    int result = append_stack(in, &stack, shape->value);
    if (result == 0)
        result = append_field(in, &name, shape->value, MR__ATOM_NAME, "Error");
    if (result == 0)
        result = append_field(in, &message, shape->value, MR__ATOM_MESSAGE, "");
    if (result == 0)
        result = drop_shown(in, shape, &stack);
    if (result == 0)
        result = add_hidden(in, shape);
    if (result == 0 && stack.len > 0) {
        improve_head(shape, &stack, &name);
        size_t frames = find_frames(&stack, &message);
        bool bare = frames == stack.len;
        mr__bytes_str(&text, bare ? "[" : "");
        mr__bytes_append(&text, stack.data, frames);
        mr__bytes_str(&text, bare ? "]" : "");
        if (!bare)
            result = append_frames(in, &text, shape->value, stack.data + frames + 1,
                                   stack.len - frames - 1);
    } else if (result == 0) {
        mr__bytes_str(&text, "[]");
    }
    mr__text_indented(&shape->base, text.data, text.len, in->indentation);
    mr__bytes_char(&shape->open, '{');
    mr__bytes_deinit(&stack);
    mr__bytes_deinit(&name);
    mr__bytes_deinit(&message);
    mr__bytes_deinit(&text);
    if (result < 0)
        return MR__SHAPE_FAILED;
    return mr__shape_bare(shape) ? MR__SHAPE_DONE : MR__SHAPE_GO_ON;
}
