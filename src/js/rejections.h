/* Rejected promises nobody handled: noted when they happen, judged at the end of the checkpoint. */
#ifndef MR_JS_REJECTIONS_H
#define MR_JS_REJECTIONS_H

#include "js/runtime.h"

int mr__js_rejections_install(mr_js *js);
void mr__js_rejections_listen(mr_js *js); /* have the engine tell */
/* Take a promise off the list of those to be told of: false: it is not there. */
bool mr__js_rejections_take(mr_js *js, JSValueConst promise);
void mr__js_rejections_note(mr_js *js, JSValueConst promise); /* and put it on, a rejected one */
bool mr__js_rejections_judging(const mr_js *js); /* what is reported now was a rejection */
void mr__js_rejections_destroy(mr_js *js);

/* rejection_reason.c: whether the reason stands for itself: an Error, or an object with an own stack. */
bool mr__reason_is_error(mr_js *js, JSValueConst reason);
/* Append a short text of the reason, running no code of the script; -1 with an exception. */
int mr__reason_describe(mr_js *js, mr__bytes *out, JSValueConst reason);

#endif
