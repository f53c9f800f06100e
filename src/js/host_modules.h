/* Modules that the host gives to scripts. */
#ifndef MR_JS_HOST_MODULES_H
#define MR_JS_HOST_MODULES_H

#include "js/runtime.h"

/* Names of host modules among those of the engine: this and the name. No other starts so. */
#define MR__HOST_PREFIX "host:"

/* Whether the host registered one under that name. */
bool mr__js_is_host_module(const mr_js *js, const char *name);
/* Its exports, owned; made at the first call. What went wrong then is thrown every time. */
JSValue mr__js_host_exports(mr_js *js, const char *name);
void mr__js_host_modules_destroy(mr_js *js);

#endif
