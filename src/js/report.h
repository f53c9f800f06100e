/* Pieces of reports about values that nobody caught. */
#ifndef MR_JS_REPORT_H
#define MR_JS_REPORT_H

#include "js/runtime.h"

/* Append the line of text that the error's first frame in `name` points at, a caret below it and an
 * empty line; nothing if there is none. Runs no script. */
void mr__js_report_line(mr_js *js, mr__bytes *out, JSValueConst error, const char *name,
                        const mr__bytes *text);

#endif
