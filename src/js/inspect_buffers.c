/* ArrayBuffers, DataViews and typed arrays in the inspector. */
#include <stdio.h>

#include "js/inspect.h"

static const char hex[] = "0123456789abcdef";

/* The bytes of a buffer, NULL when it is detached or empty. */
static const uint8_t *bytes_of(mr__inspector *in, JSValueConst value, size_t *out_size,
                               bool *out_detached)
{
    const uint8_t *data = JS_GetArrayBuffer(in->ctx, out_size, value);
    *out_detached = data == NULL && JS_HasException(in->ctx);
    if (*out_detached)
        mr__clear_exception(in->ctx);
    return data;
}

static void append_size(mr__inspector *in, mr__entries *entries, const char *key, size_t size)
{
    mr__bytes_str(&entries->text, key);
    mr__style_begin(&entries->text, MR__STYLE_NUMBER, in->options.colors);
    mr__text_number(&entries->text, in->ctx, JS_NewInt64(in->ctx, (int64_t)size),
                    in->options.numeric_separator);
    mr__style_end(&entries->text, MR__STYLE_NUMBER, in->options.colors);
    mr__entries_end(entries);
}

/* ---- ArrayBuffer ------------------------------------------------------------------------------*/

static int append_length(mr__inspector *in, mr__entries *entries, size_t size, int depth)
{
    mr__bytes_str(&entries->text, "byteLength:");
    JSValue length = JS_NewInt64(in->ctx, (int64_t)size);
    int result = mr__inspect_held(in, &entries->text, length, depth, MR__PLACE_OBJECT);
    mr__entries_end(entries);
    return result;
}

static int fill_buffer(mr__inspector *in, mr__shape *shape, mr__entries *entries, int depth)
{
    size_t size, max = (size_t)in->options.max_array_length;
    bool detached;
    const uint8_t *data = bytes_of(in, shape->value, &size, &detached);
    if (detached) {
        mr__style_text(&entries->text, MR__STYLE_SPECIAL, in->options.colors, "(detached)");
        mr__entries_end(entries);
        return append_length(in, entries, 0, depth);
    }
    mr__style_text(&entries->text, MR__STYLE_SPECIAL, in->options.colors, "[Uint8Contents]");
    mr__bytes_str(&entries->text, ": <");
    for (size_t i = 0; i < size && i < max; i++) {
        if (i > 0)
            mr__bytes_char(&entries->text, ' ');
        mr__bytes_char(&entries->text, hex[data[i] >> 4]);
        mr__bytes_char(&entries->text, hex[data[i] & 15]);
    }
    if (size > max)
        mr__bytes_printf(&entries->text, " ... %zu more byte%s", size - max,
                         size - max > 1 ? "s" : "");
    mr__bytes_char(&entries->text, '>');
    mr__entries_end(entries);
    return append_length(in, entries, size, depth);
}

int mr__describe_buffer(mr__inspector *in, mr__shape *shape, bool in_typed_array)
{
    size_t size;
    bool detached, shared = mr__kind_of(in->js, shape->value) == MR__KIND_SHARED_BUFFER;
    mr__shape_prefix(shape, &shape->open, shared ? "SharedArrayBuffer" : "ArrayBuffer", "");
    mr__bytes_char(&shape->open, '{');
    shape->fill = fill_buffer;
    if (!in_typed_array || !mr__shape_bare(shape))
        return MR__SHAPE_GO_ON;
    bytes_of(in, shape->value, &size, &detached);
    mr__entries length = {0};
    append_size(in, &length, "byteLength: ", size);
    mr__bytes_append(&shape->base, shape->open.data, shape->open.len);
    mr__bytes_char(&shape->base, ' ');
    mr__bytes_append(&shape->base, length.text.data, length.text.len);
    mr__bytes_str(&shape->base, " }");
    mr__entries_deinit(&length);
    return MR__SHAPE_DONE;
}

/* ---- DataView ---------------------------------------------------------------------------------*/

static int fill_view(mr__inspector *in, mr__shape *shape, mr__entries *entries, int depth)
{
    static const struct {
        const char *key;
        enum mr__intrinsic fn;
    } parts[] = {{"byteLength:", MR__FN_VIEW_LENGTH},
                 {"byteOffset:", MR__FN_VIEW_OFFSET},
                 {"buffer:", MR__FN_VIEW_BUFFER}};
    int result = 0;
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]) && result == 0; i++) {
        JSValue part = mr__intrinsic_call(in->js, parts[i].fn, shape->value);
        if (JS_IsException(part)) { /* the buffer is detached */
            mr__clear_exception(in->ctx);
            part = JS_NewInt32(in->ctx, 0);
        }
        mr__bytes_str(&entries->text, parts[i].key);
        result = mr__inspect_held(in, &entries->text, part, depth, MR__PLACE_OBJECT);
        mr__entries_end(entries);
        JS_FreeValue(in->ctx, part);
    }
    return result;
}

int mr__describe_view(mr__inspector *in, mr__shape *shape)
{
    (void)in;
    mr__shape_prefix(shape, &shape->open, "DataView", "");
    mr__bytes_char(&shape->open, '{');
    shape->fill = fill_view;
    return MR__SHAPE_GO_ON;
}

/* ---- Typed arrays -----------------------------------------------------------------------------*/

struct view {
    size_t length, offset, bytes, element;
    JSValue buffer;
};

/* A view whose buffer is gone or too short has length 0. */
static struct view view_of(mr__inspector *in, JSValueConst value)
{
    struct view view = {.element = 1};
    view.buffer = JS_GetTypedArrayBuffer(in->ctx, value, &view.offset, &view.bytes, &view.element);
    if (JS_IsException(view.buffer)) {
        mr__clear_exception(in->ctx);
        return (struct view){.element = 1, .buffer = JS_UNDEFINED};
    }
    view.length = view.bytes / view.element;
    return view;
}

static int fill_hidden(mr__inspector *in, const struct view *view, mr__entries *entries, int depth)
{
    append_size(in, entries, "[BYTES_PER_ELEMENT]: ", view->element);
    append_size(in, entries, "[length]: ", view->length);
    append_size(in, entries, "[byteLength]: ", view->bytes);
    append_size(in, entries, "[byteOffset]: ", view->offset);
    mr__bytes_str(&entries->text, "[buffer]: ");
    in->indentation += 2;
    int result = mr__inspect_value(in, &entries->text, view->buffer, depth, true);
    in->indentation -= 2;
    mr__entries_end(entries);
    return result;
}

static int fill_typed(mr__inspector *in, mr__shape *shape, mr__entries *entries, int depth)
{
    struct view view = view_of(in, shape->value);
    size_t max = (size_t)in->options.max_array_length;
    int result = 0;
    for (size_t i = 0; i < view.length && i < max && result == 0; i++) {
        JSValue item = JS_GetPropertyInt64(in->ctx, shape->value, (int64_t)i);
        result = JS_IsException(item) ? -1 : mr__inspect_primitive(in, &entries->text, item);
        JS_FreeValue(in->ctx, item);
        mr__entries_end(entries);
    }
    if (view.length > max) {
        mr__more_items(&entries->text, view.length - max);
        mr__entries_end(entries);
    }
    if (result == 0 && in->options.show_hidden)
        result = fill_hidden(in, &view, entries, depth);
    JS_FreeValue(in->ctx, view.buffer);
    return result;
}

int mr__describe_typed_array(mr__inspector *in, mr__shape *shape)
{
    char size[32];
    struct view view = view_of(in, shape->value);
    JS_FreeValue(in->ctx, view.buffer);
    if (mr__keys_read(in, &shape->keys, shape->value, true) < 0)
        return MR__SHAPE_FAILED;
    snprintf(size, sizeof(size), "(%zu)", view.length);
    JSAtom atom = JS_GetClassName(in->js->rt, JS_GetClassID(shape->value));
    const char *name = JS_AtomToCString(in->ctx, atom);
    mr__shape_prefix(shape, &shape->open, name == NULL ? "TypedArray" : name, size);
    JS_FreeCString(in->ctx, name);
    JS_FreeAtom(in->ctx, atom);
    mr__bytes_char(&shape->open, '[');
    shape->close = "]";
    shape->list = true;
    shape->fill = fill_typed;
    if (view.length > 0 || !mr__shape_bare(shape) || in->options.show_hidden)
        return MR__SHAPE_GO_ON;
    mr__bytes_append(&shape->base, shape->open.data, shape->open.len);
    mr__bytes_char(&shape->base, ']');
    return MR__SHAPE_DONE;
}
