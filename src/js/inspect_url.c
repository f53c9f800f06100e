/* URL and URLSearchParams as Node.js shows them. */
#include <string.h>

#include "js/inspect.h"
#include "js/url.h"

enum { SEPARATOR = 2 }; /* columns of ", " */

static int append_text(mr__inspector *in, mr__bytes *out, const mr__bytes *text)
{
    JSValue value = JS_NewStringLen(in->ctx, text->data == NULL ? "" : text->data, text->len);
    int result = JS_IsException(value) ? -1 : mr__inspect_value(in, out, value, 0, false);
    JS_FreeValue(in->ctx, value);
    return result;
}

/* The pairs with a separator between them; *out_columns is what they take on one line. */
static int append_pairs(mr__inspector *in, mr__bytes *out, JSValueConst value, const char *between,
                        size_t *out_columns)
{
    const mr__bytes *name, *text;
    size_t columns = 0;
    for (size_t i = 0; mr__js_params_at(in->js, value, i, &name, &text); i++) {
        mr__bytes pair = {0};
        int result = append_text(in, &pair, name);
        mr__bytes_str(&pair, " => ");
        if (result == 0)
            result = append_text(in, &pair, text);
        if (i > 0)
            mr__bytes_str(out, between);
        mr__bytes_append(out, pair.data, pair.len);
        columns += pair.len + (i > 0 ? SEPARATOR : 0);
        out->failed |= pair.failed;
        mr__bytes_deinit(&pair);
        if (result < 0)
            return -1;
    }
    *out_columns = columns;
    return 0;
}

int mr__inspect_url_params(mr__inspector *in, mr__bytes *out, JSValueConst value, int depth)
{
    if (JS_GetClassID(value) != in->js->url.params)
        return 0;
    if (mr__inspect_too_deep(in, depth)) {
        mr__style_text(out, MR__STYLE_SPECIAL, in->options.colors, "[Object]");
        return 1;
    }
    mr__bytes line = {0}, rows = {0};
    size_t columns = 0;
    int result = append_pairs(in, &line, value, ", ", &columns);
    if (result == 0)
        result = append_pairs(in, &rows, value, ",\n  ", &columns);
    bool fits = columns <= (size_t)in->options.break_length;
    if (result == 0)
        result = mr__inspect_class_name(in, out, value, depth);
    mr__bytes_str(out, line.len == 0 ? " {}" : fits ? " { " : " {\n  ");
    mr__bytes_append(out, fits ? line.data : rows.data, fits ? line.len : rows.len);
    mr__bytes_str(out, line.len == 0 ? "" : " }");
    out->failed |= line.failed || rows.failed;
    mr__bytes_deinit(&line);
    mr__bytes_deinit(&rows);
    return result < 0 ? -1 : 1;
}
