/* Percent-encoding (URL Standard, section 1.3), and bytes as text. */
#include "js/url_record.h"

static bool among(unsigned char c, const char *list)
{
    while (*list != '\0' && (unsigned char)*list != c)
        list++;
    return *list != '\0';
}

static bool encodes(mr__url_set set, unsigned char c)
{
    if (c <= 0x1f || c > 0x7e)
        return true;
    switch (set) {
    case MR__URL_SET_C0:
        return false;
    case MR__URL_SET_FRAGMENT:
        return among(c, " \"<>`");
    case MR__URL_SET_QUERY:
        return among(c, " \"#<>");
    case MR__URL_SET_SPECIAL_QUERY:
        return among(c, " \"#<>'");
    case MR__URL_SET_PATH:
        return among(c, " \"#<>?^`{}");
    case MR__URL_SET_USERINFO:
        return among(c, " \"#<>?^`{}/:;=@[\\]|");
    case MR__URL_SET_FORM:
        return !((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                 among(c, "*-._"));
    }
    return true;
}

void mr__url_encode(mr__bytes *out, const char *text, size_t len, mr__url_set set)
{
    static const char digits[] = "0123456789ABCDEF";
    size_t start = 0;
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        if (!encodes(set, c))
            continue;
        mr__bytes_append(out, text + start, i - start);
        start = i + 1;
        if (set == MR__URL_SET_FORM && c == ' ') {
            mr__bytes_char(out, '+');
            continue;
        }
        mr__bytes_char(out, '%');
        mr__bytes_char(out, digits[c >> 4]);
        mr__bytes_char(out, digits[c & 15]);
    }
    mr__bytes_append(out, text + start, len - start);
}

static int hex_of(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

void mr__url_decode(mr__bytes *out, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '%' && i + 2 < len && hex_of(text[i + 1]) >= 0 && hex_of(text[i + 2]) >= 0) {
            mr__bytes_char(out, (char)(hex_of(text[i + 1]) << 4 | hex_of(text[i + 2])));
            i += 2;
        } else {
            mr__bytes_char(out, text[i]);
        }
    }
}

void mr__url_well_formed(mr__bytes *out, const char *bytes, size_t len)
{
    const unsigned char *text = (const unsigned char *)bytes;
    for (size_t i = 0; i < len;) {
        unsigned char c = text[i];
        size_t need = c < 0x80                 ? 0
                      : c >= 0xC2 && c <= 0xDF ? 1
                      : c >= 0xE0 && c <= 0xEF ? 2
                      : c >= 0xF0 && c <= 0xF4 ? 3
                                               : 9;
        unsigned char low = c == 0xE0 ? 0xA0 : c == 0xF0 ? 0x90 : 0x80;
        unsigned char high = c == 0xED ? 0x9F : c == 0xF4 ? 0x8F : 0xBF;
        size_t have = 0;
        while (need != 9 && have < need && i + 1 + have < len && text[i + 1 + have] >= low &&
               text[i + 1 + have] <= high) {
            have++;
            low = 0x80;
            high = 0xBF;
        }
        if (have == need)
            mr__bytes_append(out, text + i, need + 1);
        else
            mr__bytes_str(out, "\xEF\xBF\xBD");
        i += 1 + have;
    }
}
