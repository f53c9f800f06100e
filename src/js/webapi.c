#include "js/webapi.h"

#include "base/memory.h"
#include "js/intrinsics.h"

int mr__js_webapi_install(mr_js *js, JSValueConst global)
{
    js->webapi = mr__alloc_zero(sizeof(*js->webapi));
    if (js->webapi == NULL) {
        JS_ThrowOutOfMemory(js->ctx);
        return -1;
    }
    js->webapi->encoder.constructor = js->webapi->decoder.constructor = JS_UNDEFINED;
    return mr__js_kept_install(js) < 0 || mr__js_base64_install(js, global) < 0 ||
                   mr__js_textcodec_install(js, global) < 0 || mr__js_clone_install(js, global) < 0
               ? -1
               : 0;
}

void mr__js_webapi_destroy(mr_js *js)
{
    mr__js_kept_destroy(js);
    if (js->webapi == NULL)
        return;
    JS_FreeValue(js->ctx, js->webapi->encoder.constructor);
    JS_FreeValue(js->ctx, js->webapi->decoder.constructor);
    mr__free(js->webapi);
    js->webapi = NULL;
}

int mr__js_binding_webapi(mr_js *js, JSValueConst target)
{
    const struct mr__js_webapi *web = js->webapi;
    return JS_DefinePropertyValueStr(js->ctx, target, "TextEncoder",
                                     JS_DupValue(js->ctx, web->encoder.constructor),
                                     JS_PROP_C_W_E) < 0 ||
                   JS_DefinePropertyValueStr(js->ctx, target, "TextDecoder",
                                             JS_DupValue(js->ctx, web->decoder.constructor),
                                             JS_PROP_C_W_E) < 0
               ? -1
               : 0;
}
