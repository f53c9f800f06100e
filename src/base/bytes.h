/* A growing byte buffer for text that is built up piece by piece.
 *
 * A failed allocation marks the buffer and turns later appends into nothing, so that a writer
 * checks once, at the end. data is not terminated unless mr__bytes_cstr was called. Init with {0};
 * release with mr__bytes_deinit. */
#ifndef MR_BASE_BYTES_H
#define MR_BASE_BYTES_H

#include <stdarg.h>

#include <millrace/attributes.h>

typedef struct mr__bytes {
    char *data;
    size_t len, cap;
    bool failed;
} mr__bytes;

void mr__bytes_deinit(mr__bytes *bytes);
void mr__bytes_append(mr__bytes *bytes, const void *data, size_t len);
void mr__bytes_str(mr__bytes *bytes, const char *str);
void mr__bytes_char(mr__bytes *bytes, char c);
void mr__bytes_fill(mr__bytes *bytes, char c, size_t count);
void mr__bytes_printf(mr__bytes *bytes, const char *format, ...) MR_PRINTF(2, 3);
void mr__bytes_vprintf(mr__bytes *bytes, const char *format, va_list args) MR_PRINTF(2, 0);
const char *
mr__bytes_cstr(mr__bytes *bytes); /* terminated, borrowed until the next change; "" if failed */

#endif
