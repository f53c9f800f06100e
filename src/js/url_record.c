/* The basic URL parser and serializer (URL Standard, sections 4.4 and 4.5).
 *
 * One function for each state of the standard, in its order and with its steps. The input has its
 * tabs and newlines taken out first; characters are bytes, since those above ASCII are treated alike
 * everywhere but in hosts, which are parsed whole. */
#include "js/url_record.h"

#include <string.h>

enum { END = -1 };

/* What a state says of the run. */
enum step { GO_ON, DONE, FAIL };

struct parser {
    mr__url *url;
    const mr__url *base; /* NULL: none */
    const char *in;
    ptrdiff_t at, len; /* at is before the input while the pointer stands there for a moment */
    mr__bytes buffer;
    enum mr__url_state state, override;
    bool at_seen, brackets, password_seen;
};

/* ---- Schemes ----------------------------------------------------------------------------------*/

static bool is(const mr__bytes *bytes, const char *text)
{
    size_t len = strlen(text);
    return bytes->len == len && (len == 0 || memcmp(bytes->data, text, len) == 0);
}

static bool same(const mr__bytes *a, const mr__bytes *b)
{
    return a->len == b->len && (a->len == 0 || memcmp(a->data, b->data, a->len) == 0);
}

static const struct {
    const char *scheme;
    int32_t port;
} special_schemes[] = {{"http", 80}, {"https", 443}, {"ws", 80},
                       {"wss", 443}, {"ftp", 21},    {"file", -1}};
enum { SPECIAL_COUNT = sizeof(special_schemes) / sizeof(special_schemes[0]) };

/* Row of a special scheme, SPECIAL_COUNT for any other. */
static size_t special_row(const mr__bytes *scheme)
{
    size_t row = 0;
    while (row < SPECIAL_COUNT && !is(scheme, special_schemes[row].scheme))
        row++;
    return row;
}

static int32_t default_port(const mr__bytes *scheme)
{
    size_t row = special_row(scheme);
    return row < SPECIAL_COUNT ? special_schemes[row].port : -1;
}

bool mr__url_is_special(const mr__url *url)
{
    return special_row(&url->scheme) < SPECIAL_COUNT;
}

static bool is_file(const mr__url *url)
{
    return is(&url->scheme, "file");
}

bool mr__url_is_bare(const mr__url *url)
{
    return !url->has_host || url->host.len == 0 || is_file(url);
}

static bool has_credentials(const mr__url *url)
{
    return url->username.len > 0 || url->password.len > 0;
}

/* ---- Parts ------------------------------------------------------------------------------------*/

static void clear(mr__bytes *bytes)
{
    bytes->len = 0;
}

static void assign(mr__bytes *to, const mr__bytes *from)
{
    clear(to);
    mr__bytes_append(to, from->data, from->len);
    to->failed = to->failed || from->failed;
}

static void set_query(mr__url *url, bool has)
{
    url->has_query = has;
    clear(&url->query);
}

static void set_fragment(mr__url *url, bool has)
{
    url->has_fragment = has;
    clear(&url->fragment);
}

static void copy_authority(mr__url *to, const mr__url *from)
{
    assign(&to->username, &from->username);
    assign(&to->password, &from->password);
    assign(&to->host, &from->host);
    to->has_host = from->has_host;
    to->port = from->port;
}

static void copy_path_and_query(mr__url *to, const mr__url *from)
{
    assign(&to->path, &from->path);
    to->opaque = from->opaque;
    assign(&to->query, &from->query);
    to->has_query = from->has_query;
}

void mr__url_copy(mr__url *out_copy, const mr__url *url)
{
    *out_copy = (mr__url){.port = -1};
    assign(&out_copy->scheme, &url->scheme);
    copy_authority(out_copy, url);
    copy_path_and_query(out_copy, url);
    assign(&out_copy->fragment, &url->fragment);
    out_copy->has_fragment = url->has_fragment;
}

void mr__url_deinit(mr__url *url)
{
    mr__bytes_deinit(&url->scheme);
    mr__bytes_deinit(&url->username);
    mr__bytes_deinit(&url->password);
    mr__bytes_deinit(&url->host);
    mr__bytes_deinit(&url->path);
    mr__bytes_deinit(&url->query);
    mr__bytes_deinit(&url->fragment);
}

bool mr__url_failed(const mr__url *url)
{
    return url->scheme.failed || url->username.failed || url->password.failed || url->host.failed ||
           url->path.failed || url->query.failed || url->fragment.failed;
}

/* ---- Paths ------------------------------------------------------------------------------------*/

static bool is_alpha(int c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_drive_letter(const char *text, size_t len)
{
    return len == 2 && is_alpha((unsigned char)text[0]) && (text[1] == ':' || text[1] == '|');
}

static bool starts_with_drive_letter(const char *text, size_t len)
{
    return len >= 2 && is_drive_letter(text, 2) && (len == 2 || strchr("/\\?#", text[2]) != NULL) &&
           (len == 2 || text[2] != '\0');
}

/* Whether the first segment of a list is a drive letter as it is kept: "/C:". */
static bool has_drive(const mr__bytes *path)
{
    return path->len >= 3 && path->data[0] == '/' && is_alpha((unsigned char)path->data[1]) &&
           path->data[2] == ':' && (path->len == 3 || path->data[3] == '/');
}

static void shorten(mr__url *url)
{
    mr__bytes *path = &url->path;
    if (is_file(url) && path->len == 3 && has_drive(path))
        return;
    while (path->len > 0 && path->data[path->len - 1] != '/')
        path->len--;
    if (path->len > 0)
        path->len--;
}

/* Length of a dot of a segment: ".", or "%2e" in any case; 0 for another start. */
static size_t dot_len(const char *text, size_t len)
{
    if (len >= 1 && text[0] == '.')
        return 1;
    return len >= 3 && text[0] == '%' && text[1] == '2' && (text[2] | 32) == 'e' ? 3 : 0;
}

/* 1 for a single-dot segment, 2 for a double-dot one, else 0. */
static int count_dots(const mr__bytes *segment)
{
    size_t first = dot_len(segment->data, segment->len);
    if (first == 0)
        return 0;
    if (first == segment->len)
        return 1;
    size_t second = dot_len(segment->data + first, segment->len - first);
    return second > 0 && first + second == segment->len ? 2 : 0;
}

/* ---- The states -------------------------------------------------------------------------------*/

static int following(const struct parser *p, ptrdiff_t distance)
{
    ptrdiff_t at = p->at + distance;
    return at < p->len ? (unsigned char)p->in[at] : END;
}

static bool is_slash(const struct parser *p, int c)
{
    return c == '/' || (c == '\\' && mr__url_is_special(p->url));
}

static bool ends_authority(const struct parser *p, int c)
{
    return c == END || c == '?' || c == '#' || is_slash(p, c);
}

static void push(struct parser *p, int c)
{
    mr__bytes_char(&p->buffer, (char)c);
}

static enum step go(struct parser *p, enum mr__url_state state)
{
    p->state = state;
    return GO_ON;
}

/* Go on with the same character in another state. */
static enum step go_again(struct parser *p, enum mr__url_state state)
{
    p->at--;
    return go(p, state);
}

static enum step begin_query(struct parser *p)
{
    set_query(p->url, true);
    return go(p, MR__URL_QUERY);
}

static enum step begin_fragment(struct parser *p)
{
    set_fragment(p->url, true);
    return go(p, MR__URL_FRAGMENT);
}

static char lower(int c)
{
    return (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
}

static enum step scheme_start(struct parser *p, int c)
{
    if (is_alpha(c)) {
        push(p, lower(c));
        return go(p, MR__URL_SCHEME);
    }
    return p->override ? FAIL : go_again(p, MR__URL_NO_SCHEME);
}

/* The setter's part of the scheme state. */
static enum step change_scheme(struct parser *p)
{
    mr__url *url = p->url;
    bool becomes_special = special_row(&p->buffer) < SPECIAL_COUNT;
    if (mr__url_is_special(url) != becomes_special ||
        ((has_credentials(url) || url->port >= 0) && is(&p->buffer, "file")) ||
        (is_file(url) && url->host.len == 0))
        return DONE;
    assign(&url->scheme, &p->buffer);
    if (url->port == default_port(&url->scheme))
        url->port = -1;
    return DONE;
}

static enum step scheme(struct parser *p, int c)
{
    mr__url *url = p->url;
    if (is_alpha(c) || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.') {
        push(p, lower(c));
        return GO_ON;
    }
    if (c != ':') {
        if (p->override)
            return FAIL;
        clear(&p->buffer);
        p->at = -1;
        return go(p, MR__URL_NO_SCHEME);
    }
    if (p->override)
        return change_scheme(p);
    assign(&url->scheme, &p->buffer);
    clear(&p->buffer);
    if (is_file(url))
        return go(p, MR__URL_FILE);
    if (mr__url_is_special(url))
        return go(p, p->base != NULL && same(&p->base->scheme, &url->scheme)
                         ? MR__URL_SPECIAL_RELATIVE_OR_AUTHORITY
                         : MR__URL_SPECIAL_AUTHORITY_SLASHES);
    if (following(p, 1) == '/') {
        p->at++;
        return go(p, MR__URL_PATH_OR_AUTHORITY);
    }
    url->opaque = true;
    return go(p, MR__URL_OPAQUE_PATH);
}

static enum step no_scheme(struct parser *p, int c)
{
    mr__url *url = p->url;
    const mr__url *base = p->base;
    if (base == NULL || (base->opaque && c != '#'))
        return FAIL;
    if (!base->opaque)
        return go_again(p, is_file(base) ? MR__URL_FILE : MR__URL_RELATIVE);
    assign(&url->scheme, &base->scheme);
    copy_path_and_query(url, base);
    return begin_fragment(p);
}

static enum step special_relative_or_authority(struct parser *p, int c)
{
    if (c != '/' || following(p, 1) != '/')
        return go_again(p, MR__URL_RELATIVE);
    p->at++;
    return go(p, MR__URL_SPECIAL_AUTHORITY_IGNORE_SLASHES);
}

static enum step path_or_authority(struct parser *p, int c)
{
    return c == '/' ? go(p, MR__URL_AUTHORITY) : go_again(p, MR__URL_PATH);
}

/* What follows the parts taken from the base: a query, a fragment, or a path in place of its own. */
static enum step after_base(struct parser *p, int c, bool keep_path)
{
    mr__url *url = p->url;
    if (c == '?')
        return begin_query(p);
    if (c == '#')
        return begin_fragment(p);
    if (c == END)
        return GO_ON;
    set_query(url, false);
    if (keep_path)
        shorten(url);
    else
        clear(&url->path);
    return go_again(p, MR__URL_PATH);
}

static enum step relative(struct parser *p, int c)
{
    mr__url *url = p->url;
    assign(&url->scheme, &p->base->scheme);
    if (is_slash(p, c))
        return go(p, MR__URL_RELATIVE_SLASH);
    copy_authority(url, p->base);
    copy_path_and_query(url, p->base);
    return after_base(p, c, true);
}

static enum step relative_slash(struct parser *p, int c)
{
    if (mr__url_is_special(p->url) && is_slash(p, c))
        return go(p, MR__URL_SPECIAL_AUTHORITY_IGNORE_SLASHES);
    if (c == '/')
        return go(p, MR__URL_AUTHORITY);
    copy_authority(p->url, p->base);
    return go_again(p, MR__URL_PATH);
}

static enum step special_authority_slashes(struct parser *p, int c)
{
    if (c != '/' || following(p, 1) != '/')
        return go_again(p, MR__URL_SPECIAL_AUTHORITY_IGNORE_SLASHES);
    p->at++;
    return go(p, MR__URL_SPECIAL_AUTHORITY_IGNORE_SLASHES);
}

static enum step special_authority_ignore_slashes(struct parser *p, int c)
{
    return c == '/' || c == '\\' ? GO_ON : go_again(p, MR__URL_AUTHORITY);
}

/* Append what stands before an @ to username and password. */
static void take_credentials(struct parser *p)
{
    mr__url *url = p->url;
    const char *text = p->buffer.data;
    size_t len = p->buffer.len;
    const char *colon = p->password_seen || len == 0 ? NULL : memchr(text, ':', len);
    size_t name_len = p->password_seen ? 0 : colon == NULL ? len : (size_t)(colon - text);
    mr__url_encode(&url->username, text, name_len, MR__URL_SET_USERINFO);
    if (colon != NULL) {
        p->password_seen = true;
        name_len++;
    }
    if (p->password_seen)
        mr__url_encode(&url->password, text + name_len, len - name_len, MR__URL_SET_USERINFO);
    clear(&p->buffer);
}

static enum step authority(struct parser *p, int c)
{
    if (c == '@') {
        if (p->at_seen) /* the @ before was none of the end */
            mr__bytes_str(p->password_seen ? &p->url->password : &p->url->username, "%40");
        p->at_seen = true;
        take_credentials(p);
        return GO_ON;
    }
    if (!ends_authority(p, c)) {
        push(p, c);
        return GO_ON;
    }
    if (p->at_seen && p->buffer.len == 0)
        return FAIL;
    p->at -= (ptrdiff_t)p->buffer.len + 1;
    clear(&p->buffer);
    return go(p, MR__URL_HOST);
}

/* Make the buffer the host. */
static bool take_host(struct parser *p)
{
    mr__url *url = p->url;
    mr__bytes host = {0};
    bool good = mr__url_host(&host, p->buffer.data, p->buffer.len, !mr__url_is_special(url));
    url->host.failed = url->host.failed || host.failed;
    if (good) {
        assign(&url->host, &host);
        url->has_host = true;
        clear(&p->buffer);
    }
    mr__bytes_deinit(&host);
    return good;
}

static enum step host(struct parser *p, int c)
{
    mr__url *url = p->url;
    if (p->override && is_file(url))
        return go_again(p, MR__URL_FILE_HOST);
    if (c == ':' && !p->brackets) {
        if (p->buffer.len == 0 || p->override == MR__URL_HOSTNAME || !take_host(p))
            return FAIL;
        return go(p, MR__URL_PORT);
    }
    if (ends_authority(p, c)) {
        bool empty = p->buffer.len == 0;
        p->at--;
        if (empty &&
            (mr__url_is_special(url) || (p->override && (has_credentials(url) || url->port >= 0))))
            return FAIL;
        if (!take_host(p))
            return FAIL;
        return p->override ? DONE : go(p, MR__URL_PATH_START);
    }
    if (c == '[')
        p->brackets = true;
    else if (c == ']')
        p->brackets = false;
    push(p, c);
    return GO_ON;
}

static enum step port(struct parser *p, int c)
{
    if (c >= '0' && c <= '9') {
        push(p, c);
        return GO_ON;
    }
    if (!ends_authority(p, c) && !p->override)
        return FAIL;
    if (p->buffer.len > 0) {
        int32_t number = 0;
        for (size_t i = 0; i < p->buffer.len; i++) {
            number = number * 10 + (p->buffer.data[i] - '0');
            if (number > 65535)
                return FAIL;
        }
        p->url->port = number == default_port(&p->url->scheme) ? -1 : number;
        clear(&p->buffer);
        if (p->override)
            return DONE;
    }
    return p->override ? FAIL : go_again(p, MR__URL_PATH_START);
}

static enum step file(struct parser *p, int c)
{
    mr__url *url = p->url;
    clear(&url->scheme);
    mr__bytes_str(&url->scheme, "file");
    clear(&url->host);
    url->has_host = true;
    if (c == '/' || c == '\\')
        return go(p, MR__URL_FILE_SLASH);
    if (p->base == NULL || !is_file(p->base))
        return go_again(p, MR__URL_PATH);
    assign(&url->host, &p->base->host);
    url->has_host = p->base->has_host;
    copy_path_and_query(url, p->base);
    return after_base(
        p, c, c == END || !starts_with_drive_letter(p->in + p->at, (size_t)(p->len - p->at)));
}

static enum step file_slash(struct parser *p, int c)
{
    mr__url *url = p->url;
    if (c == '/' || c == '\\')
        return go(p, MR__URL_FILE_HOST);
    if (p->base != NULL && is_file(p->base)) {
        assign(&url->host, &p->base->host);
        url->has_host = p->base->has_host;
        size_t left = p->at < p->len ? (size_t)(p->len - p->at) : 0;
        if (!starts_with_drive_letter(p->in + p->at, left) && has_drive(&p->base->path))
            mr__bytes_append(&url->path, p->base->path.data, 3);
    }
    return go_again(p, MR__URL_PATH);
}

static enum step file_host(struct parser *p, int c)
{
    mr__url *url = p->url;
    if (c != END && c != '/' && c != '\\' && c != '?' && c != '#') {
        push(p, c);
        return GO_ON;
    }
    p->at--;
    if (!p->override && is_drive_letter(p->buffer.data, p->buffer.len))
        return go(p, MR__URL_PATH);
    if (p->buffer.len == 0) {
        clear(&url->host);
        url->has_host = true;
    } else {
        if (!take_host(p))
            return FAIL;
        if (is(&url->host, "localhost"))
            clear(&url->host);
    }
    return p->override ? DONE : go(p, MR__URL_PATH_START);
}

static enum step path_start(struct parser *p, int c)
{
    if (mr__url_is_special(p->url)) {
        p->state = MR__URL_PATH;
        if (!is_slash(p, c))
            p->at--;
        return GO_ON;
    }
    if (!p->override && c == '?')
        return begin_query(p);
    if (!p->override && c == '#')
        return begin_fragment(p);
    if (c != END) {
        p->state = MR__URL_PATH;
        if (c != '/')
            p->at--;
    } else if (p->override && !p->url->has_host) {
        mr__bytes_char(&p->url->path, '/');
    }
    return GO_ON;
}

/* The buffer is a whole segment: add it, or do what its dots say. */
static void end_segment(struct parser *p, bool slash)
{
    mr__url *url = p->url;
    int dots = count_dots(&p->buffer);
    if (dots == 2)
        shorten(url);
    if (dots > 0) {
        if (!slash)
            mr__bytes_char(&url->path, '/');
    } else {
        if (is_file(url) && url->path.len == 0 && is_drive_letter(p->buffer.data, p->buffer.len))
            p->buffer.data[1] = ':';
        mr__bytes_char(&url->path, '/');
        mr__bytes_append(&url->path, p->buffer.data, p->buffer.len);
    }
    clear(&p->buffer);
}

static enum step path(struct parser *p, int c)
{
    bool slash = is_slash(p, c);
    if (c != END && !slash && (p->override || (c != '?' && c != '#'))) {
        char byte = (char)c;
        mr__url_encode(&p->buffer, &byte, 1, MR__URL_SET_PATH);
        return GO_ON;
    }
    end_segment(p, slash);
    if (c == '?')
        return begin_query(p);
    return c == '#' ? begin_fragment(p) : GO_ON;
}

static enum step opaque_path(struct parser *p, int c)
{
    mr__url *url = p->url;
    if (c == '?')
        return begin_query(p);
    if (c == '#')
        return begin_fragment(p);
    if (c == ' ') {
        int next = following(p, 1);
        mr__bytes_str(&url->path, next == '?' || next == '#' ? "%20" : " ");
    } else if (c != END) {
        char byte = (char)c;
        mr__url_encode(&url->path, &byte, 1, MR__URL_SET_C0);
    }
    return GO_ON;
}

static enum step query(struct parser *p, int c)
{
    mr__url *url = p->url;
    if (!p->override && c == '#')
        return begin_fragment(p);
    if (c != END) {
        char byte = (char)c;
        mr__url_encode(&url->query, &byte, 1,
                       mr__url_is_special(url) ? MR__URL_SET_SPECIAL_QUERY : MR__URL_SET_QUERY);
    }
    return GO_ON;
}

static enum step fragment(struct parser *p, int c)
{
    if (c != END) {
        char byte = (char)c;
        mr__url_encode(&p->url->fragment, &byte, 1, MR__URL_SET_FRAGMENT);
    }
    return GO_ON;
}

typedef enum step state_fn(struct parser *p, int c);

static state_fn *const states[] = {
    [MR__URL_SCHEME_START] = scheme_start,
    [MR__URL_SCHEME] = scheme,
    [MR__URL_NO_SCHEME] = no_scheme,
    [MR__URL_SPECIAL_RELATIVE_OR_AUTHORITY] = special_relative_or_authority,
    [MR__URL_PATH_OR_AUTHORITY] = path_or_authority,
    [MR__URL_RELATIVE] = relative,
    [MR__URL_RELATIVE_SLASH] = relative_slash,
    [MR__URL_SPECIAL_AUTHORITY_SLASHES] = special_authority_slashes,
    [MR__URL_SPECIAL_AUTHORITY_IGNORE_SLASHES] = special_authority_ignore_slashes,
    [MR__URL_AUTHORITY] = authority,
    [MR__URL_HOST] = host,
    [MR__URL_HOSTNAME] = host,
    [MR__URL_PORT] = port,
    [MR__URL_FILE] = file,
    [MR__URL_FILE_SLASH] = file_slash,
    [MR__URL_FILE_HOST] = file_host,
    [MR__URL_PATH_START] = path_start,
    [MR__URL_PATH] = path,
    [MR__URL_OPAQUE_PATH] = opaque_path,
    [MR__URL_QUERY] = query,
    [MR__URL_FRAGMENT] = fragment,
};

/* ---- Running it -------------------------------------------------------------------------------*/

static bool run(struct parser *p)
{
    enum step step = GO_ON;
    for (p->at = 0; step == GO_ON; p->at++) {
        step = states[p->state](p, p->at < p->len ? (unsigned char)p->in[p->at] : END);
        if (p->at >= p->len)
            break;
    }
    p->url->path.failed = p->url->path.failed || p->buffer.failed;
    return step != FAIL && !mr__url_failed(p->url);
}

static bool parse(mr__url *url, const char *text, size_t len, const mr__url *base,
                  mr__url_state override)
{
    mr__bytes clean = {0};
    for (size_t i = 0; i < len; i++) {
        if (text[i] != '\t' && text[i] != '\n' && text[i] != '\r')
            mr__bytes_char(&clean, text[i]);
    }
    struct parser p = {.url = url,
                       .base = base,
                       .in = mr__bytes_cstr(&clean),
                       .len = (ptrdiff_t)clean.len,
                       .state = override ? override : MR__URL_SCHEME_START,
                       .override = override};
    bool good = !clean.failed && run(&p);
    url->path.failed = url->path.failed || clean.failed;
    mr__bytes_deinit(&p.buffer);
    mr__bytes_deinit(&clean);
    return good;
}

bool mr__url_parse(mr__url *out_url, const char *text, size_t len, const mr__url *base)
{
    while (len > 0 && (unsigned char)text[0] <= ' ') {
        text++;
        len--;
    }
    while (len > 0 && (unsigned char)text[len - 1] <= ' ')
        len--;
    *out_url = (mr__url){.port = -1};
    return parse(out_url, text, len, base, MR__URL_NO_OVERRIDE);
}

bool mr__url_override(mr__url *url, const char *text, size_t len, mr__url_state state)
{
    return parse(url, text, len, NULL, state);
}

/* ---- Serializing ------------------------------------------------------------------------------*/

void mr__url_host_port(const mr__url *url, mr__bytes *out)
{
    mr__bytes_append(out, url->host.data, url->host.len);
    if (url->port >= 0)
        mr__bytes_printf(out, ":%d", (int)url->port);
}

static void append_authority(const mr__url *url, mr__bytes *out)
{
    mr__bytes_str(out, "//");
    if (has_credentials(url)) {
        mr__bytes_append(out, url->username.data, url->username.len);
        if (url->password.len > 0) {
            mr__bytes_char(out, ':');
            mr__bytes_append(out, url->password.data, url->password.len);
        }
        mr__bytes_char(out, '@');
    }
    mr__url_host_port(url, out);
}

void mr__url_href(const mr__url *url, mr__bytes *out)
{
    mr__bytes_append(out, url->scheme.data, url->scheme.len);
    mr__bytes_char(out, ':');
    if (url->has_host)
        append_authority(url, out);
    else if (!url->opaque && url->path.len >= 2 && url->path.data[0] == '/' &&
             url->path.data[1] == '/')
        mr__bytes_str(out, "/."); /* or the path would be read as a host */
    mr__bytes_append(out, url->path.data, url->path.len);
    if (url->has_query) {
        mr__bytes_char(out, '?');
        mr__bytes_append(out, url->query.data, url->query.len);
    }
    if (url->has_fragment) {
        mr__bytes_char(out, '#');
        mr__bytes_append(out, url->fragment.data, url->fragment.len);
    }
}

void mr__url_origin(const mr__url *url, mr__bytes *out)
{
    mr__url inner = {.port = -1};
    bool blob = is(&url->scheme, "blob");
    const mr__url *from = url;
    if (blob && mr__url_parse(&inner, url->path.data, url->path.len, NULL) &&
        (is(&inner.scheme, "http") || is(&inner.scheme, "https")))
        from = &inner;
    if (!mr__url_is_special(from) || is_file(from)) {
        mr__bytes_str(out, "null");
    } else {
        mr__bytes_append(out, from->scheme.data, from->scheme.len);
        mr__bytes_str(out, "://");
        mr__url_host_port(from, out);
    }
    if (blob)
        mr__url_deinit(&inner);
}
