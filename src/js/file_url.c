#include "js/file_url.h"

#include <string.h>
#include <strings.h>

static const char hex[] = "0123456789ABCDEF";

static void append_encoded(mr__bytes *out, unsigned char c)
{
    char code[3] = {'%', hex[c >> 4], hex[c & 15]};
    mr__bytes_append(out, code, 3);
}

static void append_escaped(mr__bytes *out, const char *text, size_t len, const char *unsafe)
{
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c <= 0x20 || c >= 0x7F || strchr(unsafe, c) != NULL)
            append_encoded(out, c);
        else
            mr__bytes_char(out, (char)c);
    }
}

void mr__file_url_append(mr__bytes *out, const char *path)
{
    mr__bytes_str(out, "file://");
    append_escaped(out, path, strlen(path), "\"#%<>?[\\]^`{|}~");
}

size_t mr__url_scheme_length(const char *specifier)
{
    size_t len = 0;
    for (;; len++) {
        char c = specifier[len];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        bool other = (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
        if (c == ':' && len > 0)
            return len;
        if (!letter && !(other && len > 0))
            return 0;
    }
}

/* ---- Paths ------------------------------------------------------------------------------------*/

/* Add the segments of text to the normalised absolute path in out. */
static void add_segments(mr__bytes *out, const char *text)
{
    while (*text != '\0') {
        size_t len = strcspn(text, "/");
        if (len == 2 && text[0] == '.' && text[1] == '.') {
            while (out->len > 0 && out->data[--out->len] != '/') {
            }
        } else if (len != 0 && !(len == 1 && text[0] == '.')) {
            mr__bytes_char(out, '/');
            mr__bytes_append(out, text, len);
        }
        text += len;
        text += *text == '/';
    }
}

void mr__path_normalize(mr__bytes *out, const char *directory, const char *path)
{
    mr__bytes clean = {0};
    size_t len = strlen(path);
    if (path[0] != '/')
        add_segments(&clean, directory);
    add_segments(&clean, path);
    bool slash =
        len > 0 && (path[len - 1] == '/' || strcmp(path, ".") == 0 || strcmp(path, "..") == 0 ||
                    (len > 2 && strcmp(path + len - 2, "/.") == 0) ||
                    (len > 3 && strcmp(path + len - 3, "/..") == 0));
    if (clean.len == 0 || slash)
        mr__bytes_char(&clean, '/');
    out->failed = out->failed || clean.failed;
    mr__bytes_append(out, clean.data, clean.len);
    mr__bytes_deinit(&clean);
}

void mr__path_dirname(mr__bytes *out, const char *path)
{
    const char *slash = strrchr(path, '/');
    if (slash == NULL)
        mr__bytes_char(out, '.');
    else
        mr__bytes_append(out, path, slash == path ? 1 : (size_t)(slash - path));
}

/* ---- References -------------------------------------------------------------------------------*/

static int hex_value(char c)
{
    const char *at = c == '\0' ? NULL : strchr(hex, c >= 'a' && c <= 'f' ? c - 32 : c);
    return at == NULL ? -1 : (int)(at - hex);
}

/* The byte that %XX at text[i] stands for, or -1. */
static int encoded_byte(const mr__bytes *text, size_t i)
{
    if (text->data[i] != '%' || text->len - i < 3)
        return -1;
    int high = hex_value(text->data[i + 1]), low = hex_value(text->data[i + 2]);
    return high < 0 || low < 0 ? -1 : high * 16 + low;
}

/* Decode %XX in place; false for an encoded slash, backslash or NUL, text unchanged then. */
static bool decode(mr__bytes *text)
{
    size_t to = 0;
    for (size_t i = 0; i < text->len; i++) {
        int code = encoded_byte(text, i);
        if (code == '/' || code == '\\' || code == 0)
            return false;
    }
    for (size_t i = 0; i < text->len; i++) {
        int code = encoded_byte(text, i);
        text->data[to++] = code < 0 ? text->data[i] : (char)code;
        i += code < 0 ? 0 : 2;
    }
    text->len = to;
    return true;
}

/* "%2e" is a dot for the purpose of "." and ".." segments. */
static void append_path_text(mr__bytes *out, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '\\') {
            mr__bytes_char(out, '/');
        } else if (len - i >= 3 && strncasecmp(text + i, "%2e", 3) == 0) {
            mr__bytes_char(out, '.');
            i += 2;
        } else if (text[i] != '\t' && text[i] != '\n' && text[i] != '\r') {
            mr__bytes_char(out, text[i]);
        }
    }
}

static void append_suffix(mr__bytes *out, const char *text)
{
    size_t query = strcspn(text, "#");
    if (query > 1 || (query == 1 && text[0] != '?'))
        append_escaped(out, text, query, "\"'<>");
    if (text[query] == '#' && text[query + 1] != '\0') {
        mr__bytes_char(out, '#');
        append_escaped(out, text + query + 1, strlen(text + query + 1), "\"<>`");
    }
}

/* Skip "file:" and a host. NULL for a host that is not this machine. */
static const char *skip_origin(const char *reference, bool *out_absolute)
{
    size_t scheme = mr__url_scheme_length(reference);
    if (scheme != 0)
        reference += scheme + 1;
    if (reference[0] != '/' || reference[1] != '/')
        return reference;
    reference += 2;
    *out_absolute = true;
    size_t host = strcspn(reference, "/?#");
    if (host != 0 && !(host == 9 && strncasecmp(reference, "localhost", 9) == 0))
        return NULL;
    return reference + host;
}

mr__file_url_result mr__file_url_resolve(const char *reference, const char *directory,
                                         mr__bytes *out_path, mr__bytes *out_suffix)
{
    bool absolute = false;
    reference = skip_origin(reference, &absolute);
    if (reference == NULL)
        return MR__FILE_URL_HOST;
    size_t len = strcspn(reference, "?#");
    append_suffix(out_suffix, reference + len);
    mr__bytes text = {0};
    append_path_text(&text, reference, len);
    size_t start = out_path->len;
    /* The directory is a path already: protect its percent signs from being decoded below. */
    mr__bytes base = {0};
    for (const char *p = absolute ? "/" : directory; *p != '\0'; p++) {
        if (*p == '%')
            mr__bytes_str(&base, "%25");
        else
            mr__bytes_char(&base, *p);
    }
    mr__path_normalize(out_path, mr__bytes_cstr(&base), mr__bytes_cstr(&text));
    out_path->failed = out_path->failed || base.failed || text.failed;
    mr__bytes_deinit(&base);
    mr__bytes_deinit(&text);
    mr__bytes part = {out_path->data + start, out_path->len - start, 0, false};
    if (out_path->failed || !decode(&part))
        return out_path->failed ? MR__FILE_URL_OK : MR__FILE_URL_SLASH;
    out_path->len = start + part.len;
    return MR__FILE_URL_OK;
}
