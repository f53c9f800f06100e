#include "js/text.h"

#include <string.h>

/* The engine writes a lone surrogate as three bytes ED A0..BF xx, which UTF-8 does not allow. */
static void append_replacing_surrogates(mr__bytes *out, const char *text, size_t len)
{
    size_t start = 0;
    const char *found = text;
    while ((found = memchr(found, 0xED, len - (size_t)(found - text))) != NULL) {
        size_t at = (size_t)(found - text);
        if (at + 2 < len && ((unsigned char)text[at + 1] & 0xE0) == 0xA0) {
            mr__bytes_append(out, text + start, at - start);
            mr__bytes_str(out, "\xEF\xBF\xBD");
            start = at + 3;
            found = text + start;
        } else {
            found++;
        }
    }
    mr__bytes_append(out, text + start, len - start);
}

int mr__js_append_text(JSContext *ctx, mr__bytes *out, JSValueConst value)
{
    size_t len;
    const char *text = JS_ToCStringLen(ctx, &len, value);
    if (text == NULL)
        return -1;
    append_replacing_surrogates(out, text, len);
    JS_FreeCString(ctx, text);
    return 0;
}
