/* URL records and the parser of the WHATWG URL Standard (as of 2025). Knows nothing of the engine.
 *
 * Text is UTF-8 without lone surrogates. Every part is kept serialized: percent-encoded, hosts in
 * their ASCII form, a path with its slashes. */
#ifndef MR_JS_URL_RECORD_H
#define MR_JS_URL_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

typedef struct mr__url {
    mr__bytes scheme; /* without the colon */
    mr__bytes username, password, host, query, fragment;
    mr__bytes path;    /* "/a/b", "" for an empty list; an opaque path as it is */
    int32_t port;      /* -1: null */
    bool has_host;     /* false: null, which is not the empty host */
    bool opaque;       /* the path is a string, not a list */
    bool has_query;    /* false: null */
    bool has_fragment; /* false: null */
} mr__url;

/* The states of the basic URL parser. Those named in the API are also the overrides of setters. */
typedef enum mr__url_state {
    MR__URL_NO_OVERRIDE = 0,
    MR__URL_SCHEME_START,
    MR__URL_SCHEME,
    MR__URL_NO_SCHEME,
    MR__URL_SPECIAL_RELATIVE_OR_AUTHORITY,
    MR__URL_PATH_OR_AUTHORITY,
    MR__URL_RELATIVE,
    MR__URL_RELATIVE_SLASH,
    MR__URL_SPECIAL_AUTHORITY_SLASHES,
    MR__URL_SPECIAL_AUTHORITY_IGNORE_SLASHES,
    MR__URL_AUTHORITY,
    MR__URL_HOST,
    MR__URL_HOSTNAME,
    MR__URL_PORT,
    MR__URL_FILE,
    MR__URL_FILE_SLASH,
    MR__URL_FILE_HOST,
    MR__URL_PATH_START,
    MR__URL_PATH,
    MR__URL_OPAQUE_PATH,
    MR__URL_QUERY,
    MR__URL_FRAGMENT
} mr__url_state;

/* Sets of bytes to percent-encode. */
typedef enum mr__url_set {
    MR__URL_SET_C0,
    MR__URL_SET_FRAGMENT,
    MR__URL_SET_QUERY,
    MR__URL_SET_SPECIAL_QUERY,
    MR__URL_SET_PATH,
    MR__URL_SET_USERINFO,
    MR__URL_SET_FORM /* application/x-www-form-urlencoded; a space becomes + there */
} mr__url_set;

/* ---- url_record.c -----------------------------------------------------------------------------*/

void mr__url_deinit(mr__url *url);
/* A copy; *out_copy is one to deinit. */
void mr__url_copy(mr__url *out_copy, const mr__url *url);
/* Whether memory ran out while it was made or changed. */
bool mr__url_failed(const mr__url *url);

/* Parse into *out_url, which is empty; base NULL: none. False: no URL, or no memory; *out_url is
 * one to deinit in any case. */
bool mr__url_parse(mr__url *out_url, const char *text, size_t len, const mr__url *base);
/* Run the parser on a part, as the setters do. False: url is as it was. */
bool mr__url_override(mr__url *url, const char *text, size_t len, mr__url_state state);

bool mr__url_is_special(const mr__url *url);
/* "Cannot have a username, password or port." */
bool mr__url_is_bare(const mr__url *url);
void mr__url_href(const mr__url *url, mr__bytes *out);
/* The path as its getter tells it, and host with port. */
void mr__url_host_port(const mr__url *url, mr__bytes *out);
/* "null" or scheme, host and port. */
void mr__url_origin(const mr__url *url, mr__bytes *out);

/* ---- url_encode.c -----------------------------------------------------------------------------*/

void mr__url_encode(mr__bytes *out, const char *text, size_t len, mr__url_set set);
/* Bytes that %xx stand for, everything else as it is. */
void mr__url_decode(mr__bytes *out, const char *text, size_t len);

/* UTF-8 decode without BOM: each maximal ill-formed part becomes U+FFFD (Encoding Standard). */
void mr__url_well_formed(mr__bytes *out, const char *bytes, size_t len);

/* ---- url_host.c -------------------------------------------------------------------------------*/

/* The host parser: append the serialized host. False: none, or no memory. */
bool mr__url_host(mr__bytes *out, const char *text, size_t len, bool opaque);
/* Domain to ASCII (UTS #46, not strict), and back to Unicode, where bad labels stay as they are. */
bool mr__url_domain_to_ascii(mr__bytes *out, const char *text, size_t len);
bool mr__url_domain_to_unicode(mr__bytes *out, const char *text, size_t len);

#endif
