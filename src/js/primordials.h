/* The engine's functions as they were before any script ran: what the library files work with. */
#ifndef MR_JS_PRIMORDIALS_H
#define MR_JS_PRIMORDIALS_H

#include "js/runtime.h"

/* Take them. -1 with an exception. */
int mr__js_primordials_install(mr_js *js);
void mr__js_primordials_destroy(mr_js *js);
/* The object that library files read them from, owned. */
JSValue mr__js_primordials_object(mr_js *js);

#endif
