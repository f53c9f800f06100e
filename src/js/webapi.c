#include "js/webapi.h"

#include <string.h>

#include "base/memory.h"
#include "js/intrinsics.h"
#include "js/performance.h"

enum { CLASS_COUNT = 7 };

static void list_classes(struct mr__js_webapi *web, mr__webidl_class *out[CLASS_COUNT])
{
    mr__webidl_class *const all[CLASS_COUNT] = {&web->encoder,     &web->decoder, &web->crypto,
                                                &web->performance, &web->entry,   &web->mark,
                                                &web->measure};
    memcpy(out, all, sizeof(all));
}

int mr__js_webapi_install(mr_js *js, JSValueConst global)
{
    js->webapi = mr__alloc_zero(sizeof(*js->webapi));
    if (js->webapi == NULL) {
        JS_ThrowOutOfMemory(js->ctx);
        return -1;
    }
    mr__webidl_class *classes[CLASS_COUNT];
    list_classes(js->webapi, classes);
    for (size_t i = 0; i < CLASS_COUNT; i++)
        classes[i]->constructor = JS_UNDEFINED;
    js->webapi->crypto_object = JS_UNDEFINED;
    return mr__js_kept_install(js) < 0 || mr__js_base64_install(js, global) < 0 ||
                   mr__js_textcodec_install(js, global) < 0 ||
                   mr__js_clone_install(js, global) < 0 || mr__js_crypto_install(js, global) < 0 ||
                   mr__js_performance_install(js, global) < 0
               ? -1
               : 0;
}

void mr__js_webapi_destroy(mr_js *js)
{
    mr__js_kept_destroy(js);
    if (js->webapi == NULL)
        return;
    mr__webidl_class *classes[CLASS_COUNT];
    list_classes(js->webapi, classes);
    for (size_t i = 0; i < CLASS_COUNT; i++)
        JS_FreeValue(js->ctx, classes[i]->constructor);
    JS_FreeValue(js->ctx, js->webapi->crypto_object);
    mr__perf_timeline_deinit(js);
    mr__free(js->webapi);
    js->webapi = NULL;
}

static int give(JSContext *ctx, JSValueConst target, const char *name, JSValue value)
{
    return JS_IsException(value) ||
                   JS_DefinePropertyValueStr(ctx, target, name, value, JS_PROP_C_W_E) < 0
               ? -1
               : 0;
}

int mr__js_binding_webapi(mr_js *js, JSValueConst target)
{
    static const char *const names[CLASS_COUNT] = {
        "TextEncoder",     "TextDecoder",       "Crypto", "Performance", "PerformanceEntry",
        "PerformanceMark", "PerformanceMeasure"};
    mr__webidl_class *classes[CLASS_COUNT];
    list_classes(js->webapi, classes);
    for (size_t i = 0; i < CLASS_COUNT; i++) {
        if (give(js->ctx, target, names[i], JS_DupValue(js->ctx, classes[i]->constructor)) < 0)
            return -1;
    }
    return give(js->ctx, target, "performance", mr__js_performance(js));
}
