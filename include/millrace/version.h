/* The version of the library.
 *
 * Since 0.1 */
#ifndef MILLRACE_VERSION_H
#define MILLRACE_VERSION_H

#include <millrace/attributes.h>

MR_BEGIN_DECLS

#define MR_VERSION_MAJOR 0
#define MR_VERSION_MINOR 1
#define MR_VERSION_PATCH 0
#define MR_VERSION "0.1.0"

/* The version of the library that is linked, as MR_VERSION of its headers.
 *
 * Thread   any.
 * Since    0.1 */
MR_API MR_ANY_THREAD const char *mr_version(void);

MR_END_DECLS

#endif
