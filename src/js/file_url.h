/* file: URLs and paths: the little of the URL standard that module names need. Pure C. */
#ifndef MR_JS_FILE_URL_H
#define MR_JS_FILE_URL_H

#include "base/bytes.h"

/* Append the file URL of an absolute path. */
void mr__file_url_append(mr__bytes *out, const char *path);

typedef enum mr__file_url_result {
    MR__FILE_URL_OK,
    MR__FILE_URL_HOST, /* a host other than localhost */
    MR__FILE_URL_SLASH /* an encoded slash or backslash, or a NUL */
} mr__file_url_result;

/* Resolve a URL reference (relative, absolute or with the scheme file:) against the directory and
 * append the decoded, normalised path to out_path and what follows it, "?query#fragment", percent-
 * encoded, to out_suffix. out_path holds the path also on MR__FILE_URL_SLASH, not decoded. */
mr__file_url_result mr__file_url_resolve(const char *reference, const char *directory,
                                         mr__bytes *out_path, mr__bytes *out_suffix);

/* The length of the scheme that a specifier starts with, as 4 for "file:x"; 0 for none. */
size_t mr__url_scheme_length(const char *specifier);

/* Append the path with "." and ".." and double slashes resolved; relative ones against directory.
 */
void mr__path_normalize(mr__bytes *out, const char *directory, const char *path);

/* Append the part before the last slash, "/" for the root, "." for a bare name. */
void mr__path_dirname(mr__bytes *out, const char *path);

#endif
