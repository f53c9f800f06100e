/* Rejected promises nobody handled: noted when they happen, judged at the end of the checkpoint. */
#ifndef MR_JS_REJECTIONS_H
#define MR_JS_REJECTIONS_H

#include "js/runtime.h"

int mr__js_rejections_install(mr_js *js);
void mr__js_rejections_listen(mr_js *js); /* have the engine tell */
void mr__js_rejections_destroy(mr_js *js);

#endif
