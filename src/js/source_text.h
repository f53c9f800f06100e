/* Source text from files: read whole, made into what the engine can take. */
#ifndef MR_JS_SOURCE_TEXT_H
#define MR_JS_SOURCE_TEXT_H

#include "base/bytes.h"

/* Read a file whole ("-" is standard input), appended to out and terminated. 0 or an errno value.
 */
int mr__source_read(const char *path, mr__bytes *out);

/* Drop a byte-order mark, turn a first line "#!" into a comment, replace invalid UTF-8 by U+FFFD;
 * terminated. Lines and columns stay. */
void mr__source_clean(mr__bytes *text);

/* Whether the text has one of the words that make a file CommonJS: require, module, exports,
 * __filename, __dirname. */
bool mr__source_uses_commonjs(const mr__bytes *text);

/* Whether the text has a word that only a module may use at its top level: import, export, await.
 */
bool mr__source_may_be_module(const mr__bytes *text);

#endif
