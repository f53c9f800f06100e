/* Marks used by every public prototype: visibility, threads, checked results.
 *
 * Since 0.1 */
#ifndef MILLRACE_ATTRIBUTES_H
#define MILLRACE_ATTRIBUTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__) || defined(__clang__)
#define MR_API __attribute__((visibility("default")))
#define MR_NODISCARD __attribute__((warn_unused_result))
#define MR_PRINTF(text_arg, first_arg) __attribute__((format(printf, text_arg, first_arg)))
#else
#define MR_API
#define MR_NODISCARD
#define MR_PRINTF(text_arg, first_arg)
#endif

/* MR_OWNER: only the thread that runs the loop may call; elsewhere MR_EWRONGTHREAD, nothing
 * changes. MR_ANY_THREAD: any thread that holds a reference may call, at any moment, also after the
 * end. Under Clang both leave an annotation that tools can read. */
#if defined(__clang__)
#define MR_OWNER __attribute__((annotate("mr_owner")))
#define MR_ANY_THREAD __attribute__((annotate("mr_any_thread")))
#else
#define MR_OWNER
#define MR_ANY_THREAD
#endif

#ifdef __cplusplus
#define MR_BEGIN_DECLS extern "C" {
#define MR_END_DECLS }
#else
#define MR_BEGIN_DECLS
#define MR_END_DECLS
#endif

#endif
