/* Hosts (URL Standard, section 3): domains, IPv4 and IPv6 addresses, opaque hosts. */
#include "js/url_record.h"

#include <dlfcn.h>
#include <pthread.h>
#include <string.h>

#include <unicode/uidna.h>
#include <unicode/uvernum.h>

#include "base/memory.h"

/* ---- Internationalized names ------------------------------------------------------------------*/

/* ICU has 30 MB of tables and most hosts are ASCII: it is loaded with the first name that is not.
 * The names of its functions carry its version, which the headers add. */
#define ICU_TEXT(name) #name
#define ICU_NAME(function) ICU_TEXT(function)

typedef UIDNA *open_fn(uint32_t, UErrorCode *);
typedef int32_t convert_fn(const UIDNA *, const char *, int32_t, char *, int32_t, UIDNAInfo *,
                           UErrorCode *);

static struct {
    const UIDNA *rules; /* NULL: no ICU on this machine */
    convert_fn *to_ascii, *to_unicode;
} icu;

static void load_icu(void)
{
    void *library = dlopen("libicuuc.so." ICU_NAME(U_ICU_VERSION_MAJOR_NUM), RTLD_NOW | RTLD_LOCAL);
    if (library == NULL)
        return;
    /* POSIX lets a pointer from dlsym be a function; ISO C has no cast for it. */
    open_fn *open;
    *(void **)&open = dlsym(library, ICU_NAME(uidna_openUTS46));
    *(void **)&icu.to_ascii = dlsym(library, ICU_NAME(uidna_nameToASCII_UTF8));
    *(void **)&icu.to_unicode = dlsym(library, ICU_NAME(uidna_nameToUnicodeUTF8));
    UErrorCode status = U_ZERO_ERROR;
    if (open != NULL && icu.to_ascii != NULL && icu.to_unicode != NULL)
        icu.rules = open(UIDNA_CHECK_BIDI | UIDNA_CHECK_CONTEXTJ | UIDNA_NONTRANSITIONAL_TO_ASCII |
                             UIDNA_NONTRANSITIONAL_TO_UNICODE,
                         &status);
    if (U_FAILURE(status))
        icu.rules = NULL;
}

/* Errors that the standard does not ask for: CheckHyphens and VerifyDnsLength are false. */
static const uint32_t ignored_errors =
    UIDNA_ERROR_EMPTY_LABEL | UIDNA_ERROR_LABEL_TOO_LONG | UIDNA_ERROR_DOMAIN_NAME_TOO_LONG |
    UIDNA_ERROR_LEADING_HYPHEN | UIDNA_ERROR_TRAILING_HYPHEN | UIDNA_ERROR_HYPHEN_3_4;

/* Convert with ICU; false: no memory, no ICU, or *out_errors. */
static bool convert(mr__bytes *out, const char *text, size_t len, bool to_ascii,
                    uint32_t *out_errors)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, load_icu);
    *out_errors = 0;
    if (icu.rules == NULL || len > INT32_MAX / 8)
        return false;
    convert_fn *fn = to_ascii ? icu.to_ascii : icu.to_unicode;
    size_t cap = 4 * len + 64;
    for (int round = 0; round < 2; round++) {
        char *room = mr__alloc(cap);
        if (room == NULL) {
            out->failed = true;
            return false;
        }
        UIDNAInfo info = UIDNA_INFO_INITIALIZER;
        UErrorCode status = U_ZERO_ERROR;
        int32_t got = fn(icu.rules, text, (int32_t)len, room, (int32_t)cap, &info, &status);
        if (U_SUCCESS(status))
            mr__bytes_append(out, room, (size_t)got);
        mr__free(room);
        *out_errors = info.errors & ~ignored_errors;
        if (status != U_BUFFER_OVERFLOW_ERROR)
            return U_SUCCESS(status) && *out_errors == 0;
        cap = (size_t)got + 1;
    }
    return false;
}

/* ---- Domains ----------------------------------------------------------------------------------*/

static bool is_forbidden_in_host(unsigned char c)
{
    return c == 0 || (c < 0x80 && strchr("\t\n\r #/:<>?@[\\]^|", c) != NULL);
}

static bool is_forbidden_in_domain(unsigned char c)
{
    return is_forbidden_in_host(c) || c <= 0x1f || c == '%' || c == 0x7f;
}

static char to_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

/* ASCII, and no label in Punycode: then lowering is all there is to do. */
static bool is_plain(const char *text, size_t len)
{
    bool label_start = true;
    for (size_t i = 0; i < len; i++) {
        if ((unsigned char)text[i] >= 0x80)
            return false;
        if (label_start && len - i >= 4 && to_lower(text[i]) == 'x' &&
            to_lower(text[i + 1]) == 'n' && text[i + 2] == '-' && text[i + 3] == '-')
            return false;
        label_start = text[i] == '.';
    }
    return true;
}

/* Length of a label, and of the dot behind it: UTS #46 knows four. */
static size_t label_len(const char *text, size_t len, size_t *out_dot_len)
{
    static const char *const dots[] = {".", "\xE3\x80\x82", "\xEF\xBC\x8E", "\xEF\xBD\xA1"};
    for (size_t i = 0; i < len; i++) {
        for (size_t k = 0; k < sizeof(dots) / sizeof(dots[0]); k++) {
            *out_dot_len = strlen(dots[k]);
            if (len - i >= *out_dot_len && memcmp(text + i, dots[k], *out_dot_len) == 0)
                return i;
        }
    }
    *out_dot_len = 0;
    return len;
}

static void append_lower(mr__bytes *out, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        mr__bytes_char(out, to_lower(text[i]));
}

/* A domain that broke the Bidi rule (RFC 5893), perhaps only by its ASCII labels, to which it does
 * not apply: convert it with other labels in their place. */
static bool convert_bidi(mr__bytes *out, const char *text, size_t len)
{
    mr__bytes other = {0}, ascii = {0};
    size_t dot_len, label;
    uint32_t errors;
    for (size_t at = 0; at <= len; at += label + dot_len) {
        label = label_len(text + at, len - at, &dot_len);
        bool plain = label > 0 && is_plain(text + at, label);
        mr__bytes_append(&other, plain ? "a" : text + at, plain ? 1 : label);
        if (dot_len == 0)
            break;
        mr__bytes_char(&other, '.');
    }
    bool good = !other.failed && convert(&ascii, other.data, other.len, true, &errors);
    size_t from = 0, ascii_dot;
    for (size_t at = 0; good && at <= len; at += label + dot_len) {
        label = label_len(text + at, len - at, &dot_len);
        size_t ascii_label = label_len(ascii.data + from, ascii.len - from, &ascii_dot);
        if (label > 0 && is_plain(text + at, label))
            append_lower(out, text + at, label);
        else
            mr__bytes_append(out, ascii.data + from, ascii_label);
        from += ascii_label + ascii_dot;
        if (dot_len == 0)
            break;
        mr__bytes_char(out, '.');
    }
    out->failed = out->failed || other.failed || ascii.failed;
    mr__bytes_deinit(&other);
    mr__bytes_deinit(&ascii);
    return good;
}

static bool convert_domain(mr__bytes *out, const char *text, size_t len)
{
    size_t start = out->len;
    uint32_t errors;
    if (convert(out, text, len, true, &errors))
        return true;
    out->len = start;
    return errors == UIDNA_ERROR_BIDI && convert_bidi(out, text, len);
}

bool mr__url_domain_to_ascii(mr__bytes *out, const char *text, size_t len)
{
    size_t start = out->len;
    if (is_plain(text, len))
        append_lower(out, text, len);
    else if (!convert_domain(out, text, len))
        return false;
    if (out->failed || out->len == start)
        return false;
    for (size_t i = start; i < out->len; i++) {
        if (is_forbidden_in_domain((unsigned char)out->data[i]))
            return false;
    }
    return true;
}

bool mr__url_domain_to_unicode(mr__bytes *out, const char *text, size_t len)
{
    uint32_t errors;
    return convert(out, text, len, false, &errors) || errors != 0;
}

/* ---- IPv4 -------------------------------------------------------------------------------------*/

/* Past any address, still without overflow after one more digit. */
static const uint64_t number_limit = UINT64_C(1) << 40;

/* The IPv4 number parser. */
static bool parse_number(const char *text, size_t len, uint64_t *out_number)
{
    unsigned radix = 10;
    if (len == 0)
        return false;
    if (len >= 2 && text[0] == '0') {
        radix = to_lower(text[1]) == 'x' ? 16 : 8;
        size_t prefix = radix == 16 ? 2 : 1;
        text += prefix;
        len -= prefix;
    }
    uint64_t number = 0;
    for (size_t i = 0; i < len; i++) {
        char c = to_lower(text[i]);
        unsigned digit = c >= '0' && c <= '9'   ? (unsigned)(c - '0')
                         : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10
                                                : 99;
        if (digit >= radix)
            return false;
        number = number >= number_limit ? number_limit : number * radix + digit;
    }
    *out_number = number;
    return true;
}

static bool all_digits(const char *text, size_t len)
{
    size_t i = 0;
    while (i < len && text[i] >= '0' && text[i] <= '9')
        i++;
    return len > 0 && i == len;
}

/* The host without one dot at its end, unless that is all of it. */
static size_t without_last_dot(const char *text, size_t len)
{
    return len > 1 && text[len - 1] == '.' ? len - 1 : len;
}

static bool ends_in_number(const char *text, size_t len)
{
    uint64_t ignored;
    len = without_last_dot(text, len);
    size_t start = len;
    while (start > 0 && text[start - 1] != '.')
        start--;
    return all_digits(text + start, len - start) ||
           parse_number(text + start, len - start, &ignored);
}

static bool parse_ipv4(mr__bytes *out, const char *text, size_t len)
{
    uint64_t numbers[4];
    size_t count = 0, start = 0;
    len = without_last_dot(text, len);
    for (size_t i = 0; i <= len; i++) {
        if (i < len && text[i] != '.')
            continue;
        if (count == 4 || !parse_number(text + start, i - start, &numbers[count]))
            return false;
        count++;
        start = i + 1;
    }
    uint64_t last_limit = UINT64_C(1) << (8 * (5 - count));
    if (numbers[count - 1] >= last_limit)
        return false;
    uint64_t address = numbers[count - 1];
    for (size_t i = 0; i + 1 < count; i++) {
        if (numbers[i] > 255)
            return false;
        address += numbers[i] << (8 * (3 - i));
    }
    mr__bytes_printf(out, "%u.%u.%u.%u", (unsigned)(address >> 24) & 255,
                     (unsigned)(address >> 16) & 255, (unsigned)(address >> 8) & 255,
                     (unsigned)address & 255);
    return true;
}

/* ---- IPv6 -------------------------------------------------------------------------------------*/

enum { PIECES = 8 };

struct scan {
    const char *at, *end;
};

static int peek(const struct scan *in)
{
    return in->at < in->end ? (unsigned char)*in->at : -1;
}

/* Up to four hexadecimal digits; how many there were. */
static int read_piece(struct scan *in, uint16_t *out_value)
{
    unsigned value = 0;
    int digits = 0;
    for (; digits < 4; digits++, in->at++) {
        int c = peek(in);
        if (c >= '0' && c <= '9')
            value = value * 16 + (unsigned)(c - '0');
        else if ((c | 32) >= 'a' && (c | 32) <= 'f')
            value = value * 16 + (unsigned)((c | 32) - 'a') + 10;
        else
            break;
    }
    *out_value = (uint16_t)value;
    return digits;
}

/* The dotted address at the end, as two pieces. */
static bool read_dotted(struct scan *in, uint16_t *pieces)
{
    for (int part = 0; part < 4; part++) {
        unsigned value = 0;
        int digits = 0;
        if (part > 0 && (peek(in) != '.' || in->at++ == NULL))
            return false;
        for (; peek(in) >= '0' && peek(in) <= '9'; digits++, in->at++) {
            value = value * 10 + (unsigned)(peek(in) - '0');
            if (value > 255 || (digits > 0 && in->at[-digits] == '0'))
                return false;
        }
        if (digits == 0)
            return false;
        pieces[part / 2] = (uint16_t)((unsigned)pieces[part / 2] << 8 | value);
    }
    return in->at == in->end;
}

static bool read_pieces(struct scan *in, uint16_t pieces[PIECES], int *out_count, int *out_compress)
{
    int count = 0, compress = -1;
    if (peek(in) == ':') {
        if (in->end - in->at < 2 || in->at[1] != ':')
            return false;
        in->at += 2;
        compress = 0;
    }
    while (in->at < in->end) {
        if (count == PIECES)
            return false;
        if (peek(in) == ':') {
            if (compress >= 0)
                return false;
            in->at++;
            compress = count;
            continue;
        }
        const char *start = in->at;
        int digits = read_piece(in, &pieces[count]);
        if (peek(in) == '.') {
            if (digits == 0 || count > PIECES - 2)
                return false;
            in->at = start;
            pieces[count] = pieces[count + 1] = 0;
            if (!read_dotted(in, pieces + count))
                return false;
            count += 2;
            break;
        }
        if (peek(in) == ':') {
            in->at++;
            if (in->at == in->end)
                return false;
        } else if (in->at < in->end) {
            return false;
        }
        count++;
    }
    *out_count = count;
    *out_compress = compress;
    return true;
}

static bool parse_ipv6(const char *text, size_t len, uint16_t address[PIECES])
{
    struct scan in = {text, text + len};
    int count, compress;
    memset(address, 0, PIECES * sizeof(*address));
    if (!read_pieces(&in, address, &count, &compress))
        return false;
    if (compress < 0)
        return count == PIECES;
    int after = count - compress;
    for (int i = 0; i < after; i++) {
        uint16_t piece = address[count - 1 - i];
        address[count - 1 - i] = 0;
        address[PIECES - 1 - i] = piece;
    }
    return true;
}

/* Where the longest run of two or more zero pieces begins, -1 without one. */
static int find_zeros(const uint16_t address[PIECES], int *out_len)
{
    int best = -1, best_len = 1;
    for (int i = 0; i < PIECES; i++) {
        int end = i;
        while (end < PIECES && address[end] == 0)
            end++;
        if (end - i > best_len) {
            best = i;
            best_len = end - i;
        }
        i = end;
    }
    *out_len = best_len;
    return best;
}

static void append_ipv6(mr__bytes *out, const uint16_t address[PIECES])
{
    int zeros_len, zeros = find_zeros(address, &zeros_len);
    mr__bytes_char(out, '[');
    for (int i = 0; i < PIECES; i++) {
        if (i == zeros) {
            mr__bytes_str(out, i == 0 ? "::" : ":");
            i += zeros_len - 1;
            continue;
        }
        mr__bytes_printf(out, "%x", address[i]);
        if (i < PIECES - 1)
            mr__bytes_char(out, ':');
    }
    mr__bytes_char(out, ']');
}

/* ---- The host parser --------------------------------------------------------------------------*/

static bool parse_opaque(mr__bytes *out, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (is_forbidden_in_host((unsigned char)text[i]))
            return false;
    }
    mr__url_encode(out, text, len, MR__URL_SET_C0);
    return true;
}

static bool parse_domain(mr__bytes *out, const char *text, size_t len)
{
    mr__bytes decoded = {0}, domain = {0}, ascii = {0};
    mr__url_decode(&decoded, text, len);
    mr__url_well_formed(&domain, decoded.data, decoded.len);
    bool good = mr__url_domain_to_ascii(&ascii, domain.data, domain.len);
    if (good && ends_in_number(ascii.data, ascii.len))
        good = parse_ipv4(out, ascii.data, ascii.len);
    else if (good)
        mr__bytes_append(out, ascii.data, ascii.len);
    out->failed = out->failed || decoded.failed || domain.failed || ascii.failed;
    mr__bytes_deinit(&decoded);
    mr__bytes_deinit(&domain);
    mr__bytes_deinit(&ascii);
    return good;
}

bool mr__url_host(mr__bytes *out, const char *text, size_t len, bool opaque)
{
    bool good;
    if (len > 0 && text[0] == '[') {
        uint16_t address[PIECES];
        good = text[len - 1] == ']' && len > 1 && parse_ipv6(text + 1, len - 2, address);
        if (good)
            append_ipv6(out, address);
    } else {
        good = opaque ? parse_opaque(out, text, len) : parse_domain(out, text, len);
    }
    return good && !out->failed;
}
