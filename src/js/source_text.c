#include "js/source_text.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CHUNK = 65536 };

/* Read to the end; a guess of the size saves moves. */
static int read_all(int fd, mr__bytes *out)
{
    struct stat info;
    if (fstat(fd, &info) == 0 && S_ISREG(info.st_mode) && info.st_size > 0) {
        mr__bytes_fill(out, 0, (size_t)info.st_size + 2);
        out->len = out->failed ? 0 : out->len - ((size_t)info.st_size + 2);
    }
    for (;;) {
        size_t room = out->cap - out->len;
        if (room < 2) {
            mr__bytes_fill(out, 0, CHUNK);
            if (out->failed)
                return ENOMEM;
            out->len -= CHUNK;
            room = out->cap - out->len;
        }
        ssize_t got = read(fd, out->data + out->len, room - 1);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return got < 0 ? errno : 0;
        out->len += (size_t)got;
    }
}

int mr__source_read(const char *path, mr__bytes *out)
{
    bool standard_input = strcmp(path, "-") == 0;
    int fd = standard_input ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errno;
    int err = read_all(fd, out);
    if (!standard_input)
        close(fd);
    (void)mr__bytes_cstr(out);
    return err == 0 && out->failed ? ENOMEM : err;
}

/* ---- UTF-8 ------------------------------------------------------------------------------------*/

/* The length of the well-formed sequence at p, or 0; *out_bad is then how many bytes one U+FFFD
 * stands for (the longest prefix of a sequence: Encoding standard, "maximal subpart"). */
static size_t sequence_length(const unsigned char *p, size_t left, size_t *out_bad)
{
    *out_bad = 1;
    unsigned char first = p[0], low = 0x80, high = 0xBF;
    if (first < 0x80)
        return 1;
    size_t len = first >= 0xC2 && first <= 0xDF   ? 2
                 : first >= 0xE0 && first <= 0xEF ? 3
                 : first >= 0xF0 && first <= 0xF4 ? 4
                                                  : 0;
    if (len == 0)
        return 0;
    if (first == 0xE0)
        low = 0xA0;
    else if (first == 0xED)
        high = 0x9F;
    else if (first == 0xF0)
        low = 0x90;
    else if (first == 0xF4)
        high = 0x8F;
    for (size_t i = 1; i < len; i++, low = 0x80, high = 0xBF) {
        if (i == left || p[i] < low || p[i] > high)
            return 0;
        *out_bad = i + 1;
    }
    return len;
}

static bool is_well_formed(const mr__bytes *text)
{
    size_t bad;
    for (size_t i = 0, len; i < text->len; i += len) {
        len = sequence_length((const unsigned char *)text->data + i, text->len - i, &bad);
        if (len == 0)
            return false;
    }
    return true;
}

static void repair(mr__bytes *text)
{
    mr__bytes good = {0};
    for (size_t i = 0; i < text->len;) {
        size_t bad,
            len = sequence_length((const unsigned char *)text->data + i, text->len - i, &bad);
        if (len != 0)
            mr__bytes_append(&good, text->data + i, len);
        else
            mr__bytes_str(&good, "\xEF\xBF\xBD");
        i += len != 0 ? len : bad;
    }
    mr__bytes_deinit(text);
    *text = good;
}

void mr__source_clean(mr__bytes *text)
{
    if (text->len >= 3 && memcmp(text->data, "\xEF\xBB\xBF", 3) == 0) {
        text->len -= 3;
        memmove(text->data, text->data + 3, text->len);
    }
    if (text->len >= 2 && memcmp(text->data, "#!", 2) == 0)
        memcpy(text->data, "//", 2);
    if (!is_well_formed(text))
        repair(text);
    (void)mr__bytes_cstr(text);
}

/* ---- Words ------------------------------------------------------------------------------------*/

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '$' || (unsigned char)c >= 0x80;
}

static bool has_word(const mr__bytes *text, const char *word)
{
    size_t len = strlen(word);
    const char *end = text->data + text->len;
    const char *at = text->data;
    while (at != NULL && (at = memmem(at, (size_t)(end - at), word, len)) != NULL) {
        bool starts = at == text->data || !is_word(at[-1]);
        if (starts && (at + len == end || !is_word(at[len])))
            return true;
        at += len;
    }
    return false;
}

bool mr__source_uses_commonjs(const mr__bytes *text)
{
    return has_word(text, "require") || has_word(text, "module") || has_word(text, "exports") ||
           has_word(text, "__filename") || has_word(text, "__dirname");
}

bool mr__source_may_be_module(const mr__bytes *text)
{
    return has_word(text, "import") || has_word(text, "export") || has_word(text, "await");
}
