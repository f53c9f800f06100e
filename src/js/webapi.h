/* The small web interfaces: base64.c, textcodec.c, clone.c, crypto.c, performance.c, and what a
 * runtime keeps for them. */
#ifndef MR_JS_WEBAPI_H
#define MR_JS_WEBAPI_H

#include "js/webidl.h"

struct mr__js_webapi {
    mr__webidl_class encoder, decoder, crypto, performance, entry, mark, measure;
    struct mr__js_timeline *timeline;
    JSValue crypto_object; /* undefined before it is asked for */
    JSClassID object_id;   /* of plain objects */
};

int mr__js_base64_install(mr_js *js, JSValueConst global);
int mr__js_textcodec_install(mr_js *js, JSValueConst global);
int mr__js_clone_install(mr_js *js, JSValueConst global);
int mr__js_crypto_install(mr_js *js, JSValueConst global);
int mr__js_performance_install(mr_js *js, JSValueConst global);

/* The global object of that name, owned. */
JSValue mr__js_performance(mr_js *js);

/* A structured clone. The count objects of transfer are ArrayBuffers to move, or it is refused. */
JSValue mr__js_clone(mr_js *js, JSValueConst value, size_t count, JSValueConst *transfer);
/* Let shared buffers be cloned, for a runtime that has made none yet. */
void mr__js_share_memory(mr_js *js);

#endif
