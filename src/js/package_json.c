#include "js/package_json.h"

#include <stdint.h>
#include <string.h>

#include "base/bytes.h"
#include "base/memory.h"

enum { DEPTH_MAX = 200 };

struct parser {
    const char *at, *end;
    unsigned depth;
};

static mr__json *parse_value(struct parser *p);

void mr__json_free(mr__json *node)
{
    while (node != NULL) {
        mr__json *next = node->next;
        mr__json_free(node->first);
        mr__free(node->key);
        mr__free(node->text);
        mr__free(node);
        node = next;
    }
}

const mr__json *mr__json_get(const mr__json *node, const char *key)
{
    const mr__json *found = NULL;
    if (node == NULL || node->kind != MR__JSON_OBJECT)
        return NULL;
    for (const mr__json *child = node->first; child != NULL; child = child->next) {
        if (strcmp(child->key, key) == 0)
            found = child;
    }
    return found;
}

const char *mr__json_text(const mr__json *node)
{
    return node != NULL && node->kind == MR__JSON_STRING ? node->text : NULL;
}

static void skip_space(struct parser *p)
{
    while (p->at < p->end && (*p->at == ' ' || *p->at == '\t' || *p->at == '\n' || *p->at == '\r'))
        p->at++;
}

static bool take(struct parser *p, char c)
{
    if (p->at == p->end || *p->at != c)
        return false;
    p->at++;
    return true;
}

static bool take_word(struct parser *p, const char *word)
{
    size_t len = strlen(word);
    if ((size_t)(p->end - p->at) < len || memcmp(p->at, word, len) != 0)
        return false;
    p->at += len;
    return true;
}

/* ---- Strings ----------------------------------------------------------------------------------*/

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static bool take_hex4(struct parser *p, uint32_t *out)
{
    uint32_t value = 0;
    if (p->end - p->at < 4)
        return false;
    for (int i = 0; i < 4; i++) {
        int digit = hex_digit(*p->at++);
        if (digit < 0)
            return false;
        value = value * 16 + (uint32_t)digit;
    }
    *out = value;
    return true;
}

static void append_utf8(mr__bytes *out, uint32_t c)
{
    if (c < 0x80) {
        mr__bytes_char(out, (char)c);
    } else if (c < 0x800) {
        mr__bytes_char(out, (char)(0xC0 | c >> 6));
        mr__bytes_char(out, (char)(0x80 | (c & 0x3F)));
    } else {
        if (c < 0x10000) {
            mr__bytes_char(out, (char)(0xE0 | c >> 12));
        } else {
            mr__bytes_char(out, (char)(0xF0 | c >> 18));
            mr__bytes_char(out, (char)(0x80 | (c >> 12 & 0x3F)));
        }
        mr__bytes_char(out, (char)(0x80 | (c >> 6 & 0x3F)));
        mr__bytes_char(out, (char)(0x80 | (c & 0x3F)));
    }
}

/* \uXXXX, a pair of them for one code point; a half without its partner becomes U+FFFD. */
static bool take_unicode(struct parser *p, mr__bytes *out)
{
    uint32_t first, second;
    if (!take_hex4(p, &first))
        return false;
    if (first >= 0xD800 && first < 0xDC00) {
        struct parser ahead = *p;
        if (take_word(&ahead, "\\u") && take_hex4(&ahead, &second) && second >= 0xDC00 &&
            second < 0xE000) {
            *p = ahead;
            first = 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00);
        }
    }
    append_utf8(out, first >= 0xD800 && first < 0xE000 ? 0xFFFD : first);
    return true;
}

static bool take_escape(struct parser *p, mr__bytes *out)
{
    static const char codes[] = "\"\\/bfnrt", chars[] = "\"\\/\b\f\n\r\t";
    if (p->at == p->end)
        return false;
    char c = *p->at++;
    if (c == 'u')
        return take_unicode(p, out);
    const char *found = c == '\0' ? NULL : strchr(codes, c);
    if (found == NULL)
        return false;
    mr__bytes_char(out, chars[found - codes]);
    return true;
}

static char *parse_string(struct parser *p)
{
    mr__bytes out = {0};
    if (!take(p, '"'))
        return NULL;
    while (p->at < p->end && *p->at != '"') {
        unsigned char c = (unsigned char)*p->at++;
        if (c < 0x20 || (c == '\\' && !take_escape(p, &out)))
            goto fail;
        if (c != '\\')
            mr__bytes_char(&out, (char)c);
    }
    mr__bytes_char(&out, '\0');
    if (!take(p, '"') || out.failed)
        goto fail;
    return out.data;
fail:
    mr__bytes_deinit(&out);
    return NULL;
}

/* ---- Values -----------------------------------------------------------------------------------*/

static bool take_digits(struct parser *p)
{
    const char *start = p->at;
    while (p->at < p->end && *p->at >= '0' && *p->at <= '9')
        p->at++;
    return p->at != start;
}

static bool skip_number(struct parser *p)
{
    (void)take(p, '-');
    const char *start = p->at;
    if (!take_digits(p) || (*start == '0' && p->at - start > 1))
        return false;
    if (take(p, '.') && !take_digits(p))
        return false;
    if (take(p, 'e') || take(p, 'E')) {
        if (!take(p, '+'))
            (void)take(p, '-');
        return take_digits(p);
    }
    return true;
}

/* A number is kept as it is written. */
static bool parse_number(struct parser *p, mr__json *node)
{
    const char *start = p->at;
    if (!skip_number(p))
        return false;
    size_t len = (size_t)(p->at - start);
    node->kind = MR__JSON_NUMBER;
    node->text = mr__alloc(len + 1);
    if (node->text == NULL)
        return false;
    memcpy(node->text, start, len);
    node->text[len] = '\0';
    return true;
}

/* The members after the opening bracket, up to and with the closing one. */
static bool parse_members(struct parser *p, mr__json *node, char close)
{
    mr__json **tail = &node->first;
    skip_space(p);
    if (take(p, close))
        return true;
    for (;;) {
        char *key = NULL;
        skip_space(p);
        if (node->kind == MR__JSON_OBJECT) {
            key = parse_string(p);
            skip_space(p);
            if (key == NULL || !take(p, ':')) {
                mr__free(key);
                return false;
            }
        }
        mr__json *child = parse_value(p);
        if (child == NULL) {
            mr__free(key);
            return false;
        }
        child->key = key;
        *tail = child;
        tail = &child->next;
        skip_space(p);
        if (take(p, close))
            return true;
        if (!take(p, ','))
            return false;
    }
}

static bool parse_into(struct parser *p, mr__json *node)
{
    if (take(p, '{')) {
        node->kind = MR__JSON_OBJECT;
        return parse_members(p, node, '}');
    }
    if (take(p, '[')) {
        node->kind = MR__JSON_ARRAY;
        return parse_members(p, node, ']');
    }
    if (p->at < p->end && *p->at == '"') {
        node->kind = MR__JSON_STRING;
        node->text = parse_string(p);
        return node->text != NULL;
    }
    if (take_word(p, "null"))
        return true;
    node->truth = take_word(p, "true");
    node->kind = MR__JSON_BOOL;
    if (node->truth || take_word(p, "false"))
        return true;
    return parse_number(p, node);
}

static mr__json *parse_value(struct parser *p)
{
    skip_space(p);
    mr__json *node = p->depth == DEPTH_MAX ? NULL : mr__alloc_zero(sizeof(*node));
    if (node == NULL)
        return NULL;
    p->depth++;
    bool good = parse_into(p, node);
    p->depth--;
    if (good)
        return node;
    mr__json_free(node);
    return NULL;
}

mr__json *mr__json_parse(const char *text, size_t len)
{
    struct parser p = {text, text + len, 0};
    mr__json *node = parse_value(&p);
    skip_space(&p);
    if (node != NULL && p.at == p.end)
        return node;
    mr__json_free(node);
    return NULL;
}
