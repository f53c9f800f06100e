/* package.json, read into a tree of plain nodes: no engine value, no script.
 *
 * Members stand in the order of the text, which is the order in which conditions are tried; of two
 * members of one name the last one counts. Texts are UTF-8; a NUL in a text ends it. */
#ifndef MR_JS_PACKAGE_JSON_H
#define MR_JS_PACKAGE_JSON_H

#include <stdbool.h>
#include <stddef.h>

typedef enum mr__json_kind {
    MR__JSON_NULL,
    MR__JSON_BOOL,
    MR__JSON_NUMBER,
    MR__JSON_STRING,
    MR__JSON_ARRAY,
    MR__JSON_OBJECT
} mr__json_kind;

typedef struct mr__json {
    mr__json_kind kind;
    bool truth;             /* of a boolean */
    char *key;              /* in an object; else NULL */
    char *text;             /* of a string; of a number as written */
    struct mr__json *first; /* of an array or object */
    struct mr__json *next;  /* sibling */
} mr__json;

/* Parse a whole text. NULL when it is not JSON, nested deeper than 200, or memory is short; owned.
 */
mr__json *mr__json_parse(const char *text, size_t len);
void mr__json_free(mr__json *node);
/* The member of that name, borrowed; NULL when node is no object or has none. */
const mr__json *mr__json_get(const mr__json *node, const char *key);
/* The text of a string node or NULL. */
const char *mr__json_text(const mr__json *node);

#endif
