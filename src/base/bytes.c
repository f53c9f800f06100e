#include "base/bytes.h"

#include <stdio.h>
#include <string.h>

#include "base/macros.h"
#include "base/memory.h"

void mr__bytes_deinit(mr__bytes *bytes)
{
    mr__free(bytes->data);
    *bytes = (mr__bytes){0};
}

static bool reserve(mr__bytes *bytes, size_t more)
{
    if (bytes->failed)
        return false;
    if (more <= bytes->cap - bytes->len)
        return true;
    size_t cap = bytes->cap < 64 ? 64 : bytes->cap;
    while (cap - bytes->len < more) {
        if (cap > SIZE_MAX / 2) {
            bytes->failed = true;
            return false;
        }
        cap *= 2;
    }
    char *data = mr__realloc(bytes->data, cap);
    if (data == NULL) {
        bytes->failed = true;
        return false;
    }
    bytes->data = data;
    bytes->cap = cap;
    return true;
}

void mr__bytes_append(mr__bytes *bytes, const void *data, size_t len)
{
    if (len == 0 || !reserve(bytes, len))
        return;
    memcpy(bytes->data + bytes->len, data, len);
    bytes->len += len;
}

void mr__bytes_str(mr__bytes *bytes, const char *str)
{
    mr__bytes_append(bytes, str, strlen(str));
}

void mr__bytes_char(mr__bytes *bytes, char c)
{
    mr__bytes_append(bytes, &c, 1);
}

void mr__bytes_fill(mr__bytes *bytes, char c, size_t count)
{
    if (count == 0 || !reserve(bytes, count))
        return;
    memset(bytes->data + bytes->len, c, count);
    bytes->len += count;
}

void mr__bytes_vprintf(mr__bytes *bytes, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, args);
    if (len > 0 && reserve(bytes, (size_t)len + 1)) {
        vsnprintf(bytes->data + bytes->len, (size_t)len + 1, format, again);
        bytes->len += (size_t)len;
    }
    va_end(again);
}

void mr__bytes_printf(mr__bytes *bytes, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    mr__bytes_vprintf(bytes, format, args);
    va_end(args);
}

const char *mr__bytes_cstr(mr__bytes *bytes)
{
    if (!reserve(bytes, 1))
        return "";
    bytes->data[bytes->len] = '\0';
    return bytes->data;
}
