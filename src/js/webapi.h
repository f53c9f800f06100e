/* The small web interfaces: base64.c, textcodec.c, clone.c, crypto.c, performance.c, and what a
 * runtime keeps for them. */
#ifndef MR_JS_WEBAPI_H
#define MR_JS_WEBAPI_H

#include "js/webidl.h"

struct mr__js_webapi {
    mr__web_class encoder, decoder;
};

int mr__js_base64_install(mr_js *js, JSValueConst global);
int mr__js_textcodec_install(mr_js *js, JSValueConst global);

#endif
