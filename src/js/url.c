/* URL (URL Standard, section 6.1): the class over a record of url_record.c. */
#include "js/url.h"

#include <string.h>

#include "base/memory.h"
#include "js/gate.h"
#include "js/inspect.h"
#include "js/text.h"
#include "js/url_record.h"
#include "js/webidl.h"

struct url_object {
    mr__url record;
    JSValue params; /* the object that searchParams tells, once asked for */
};

/* ---- The object -------------------------------------------------------------------------------*/

static void finalize(JSRuntime *rt, JSValueConst object)
{
    JSClassID id;
    struct url_object *url = JS_GetAnyOpaque(object, &id);
    if (url == NULL)
        return;
    JS_FreeValueRT(rt, url->params);
    mr__url_deinit(&url->record);
    mr__free(url);
}

static void mark(JSRuntime *rt, JSValueConst object, JS_MarkFunc *mark_func)
{
    JSClassID id;
    const struct url_object *url = JS_GetAnyOpaque(object, &id);
    if (url != NULL)
        JS_MarkValue(rt, url->params, mark_func);
}

/* The object behind this; NULL with ERR_INVALID_THIS. */
static struct url_object *url_of(JSContext *ctx, JSValueConst this_val)
{
    struct url_object *url = JS_GetOpaque(this_val, mr__js_of(ctx)->url.url);
    if (url == NULL)
        mr__js_url_bad_this(ctx, "URL");
    return url;
}

JSValue mr__js_url_bad_this(JSContext *ctx, const char *class_name)
{
    return mr__js_throw_code(ctx, "TypeError", "ERR_INVALID_THIS",
                             "Value of \"this\" must be of type %s", class_name);
}

JSValue mr__js_url_missing(JSContext *ctx, const char *which)
{
    return mr__js_throw_code(ctx, "TypeError", "ERR_MISSING_ARGS", "The %s must be specified",
                             which);
}

static JSValue text_value(JSContext *ctx, mr__bytes *text)
{
    JSValue value =
        text->failed ? JS_ThrowOutOfMemory(ctx) : JS_NewStringLen(ctx, text->data, text->len);
    mr__bytes_deinit(text);
    return value;
}

/* ---- Parsing ----------------------------------------------------------------------------------*/

/* Throw ERR_INVALID_URL, which tells its input and base. */
static JSValue throw_invalid(JSContext *ctx, const mr__bytes *input, const mr__bytes *base)
{
    mr__js_throw_code(ctx, "TypeError", "ERR_INVALID_URL", "Invalid URL");
    JSValue error = JS_GetException(ctx);
    if (JS_IsError(error) &&
        (JS_DefinePropertyValueStr(ctx, error, "input",
                                   JS_NewStringLen(ctx, input->data, input->len),
                                   JS_PROP_C_W_E) < 0 ||
         (base != NULL &&
          JS_DefinePropertyValueStr(ctx, error, "base", JS_NewStringLen(ctx, base->data, base->len),
                                    JS_PROP_C_W_E) < 0))) {
        JS_FreeValue(ctx, error);
        return JS_EXCEPTION;
    }
    return JS_Throw(ctx, error);
}

/* 1, or 0 for no URL, or -1 with an exception. */
static int parse(JSContext *ctx, mr__url *out_url, const mr__bytes *input, const mr__bytes *base)
{
    mr__url parsed_base = {.port = -1};
    *out_url = (mr__url){.port = -1};
    bool good = base == NULL || mr__url_parse(&parsed_base, base->data, base->len, NULL);
    if (good)
        good = mr__url_parse(out_url, input->data, input->len, base ? &parsed_base : NULL);
    bool failed = mr__url_failed(out_url) || mr__url_failed(&parsed_base);
    mr__url_deinit(&parsed_base);
    if (good && !failed)
        return 1;
    mr__url_deinit(out_url);
    *out_url = (mr__url){.port = -1};
    if (failed)
        JS_ThrowOutOfMemory(ctx);
    return failed ? -1 : 0;
}

/* Arguments of the constructor and its relatives as text; -1 with an exception. */
static int read_args(JSContext *ctx, int argc, JSValueConst *argv, mr__bytes *input,
                     mr__bytes *base, bool *out_has_base)
{
    *out_has_base = argc > 1 && !JS_IsUndefined(argv[1]);
    if (argc < 1) {
        mr__js_url_missing(ctx, "\"url\" argument");
        return -1;
    }
    return mr__js_append_text(ctx, input, argv[0]) < 0 ||
                   (*out_has_base && mr__js_append_text(ctx, base, argv[1]) < 0)
               ? -1
               : 0;
}

JSValue mr__js_url_object(JSContext *ctx, JSValueConst new_target, JSClassID id)
{
    if (JS_IsUndefined(new_target))
        return JS_NewObjectClass(ctx, id);
    JSValue proto = JS_GetPropertyStr(ctx, new_target, "prototype");
    if (JS_IsException(proto))
        return proto;
    JSValue object =
        JS_IsObject(proto) ? JS_NewObjectProtoClass(ctx, proto, id) : JS_NewObjectClass(ctx, id);
    JS_FreeValue(ctx, proto);
    return object;
}

static JSValue new_object(JSContext *ctx, JSValueConst new_target, mr__url *record)
{
    mr_js *js = mr__js_of(ctx);
    struct url_object *url = mr__alloc(sizeof(*url));
    JSValue object =
        url == NULL ? JS_ThrowOutOfMemory(ctx) : mr__js_url_object(ctx, new_target, js->url.url);
    if (JS_IsException(object)) {
        mr__free(url);
        mr__url_deinit(record);
        return object;
    }
    *url = (struct url_object){.record = *record, .params = JS_UNDEFINED};
    JS_SetOpaque(object, url);
    return object;
}

enum entry { CONSTRUCT, PARSE, CAN_PARSE };

static JSValue enter(JSContext *ctx, JSValueConst new_target, int argc, JSValueConst *argv,
                     enum entry entry)
{
    mr__bytes input = {0}, base = {0};
    mr__url record;
    bool has_base;
    JSValue result = JS_EXCEPTION;
    int bad = read_args(ctx, argc, argv, &input, &base, &has_base);
    if (bad == 0 && (input.failed || base.failed)) {
        JS_ThrowOutOfMemory(ctx);
    } else if (bad == 0) {
        int parsed = parse(ctx, &record, &input, has_base ? &base : NULL);
        if (parsed > 0 && entry != CAN_PARSE) {
            result = new_object(ctx, new_target, &record);
        } else if (parsed >= 0) {
            mr__url_deinit(&record);
            result = entry == CAN_PARSE ? JS_NewBool(ctx, parsed > 0)
                     : entry == PARSE   ? JS_NULL
                                        : throw_invalid(ctx, &input, has_base ? &base : NULL);
        }
    }
    mr__bytes_deinit(&input);
    mr__bytes_deinit(&base);
    return result;
}

static JSValue construct(JSContext *ctx, JSValueConst new_target, int argc, JSValueConst *argv)
{
    MR__JS_GATE(mr__js_of(ctx));
    return enter(ctx, new_target, argc, argv, CONSTRUCT);
}

static JSValue parse_static(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv,
                            int magic)
{
    (void)this_val;
    MR__JS_GATE(mr__js_of(ctx));
    return enter(ctx, JS_UNDEFINED, argc, argv, (enum entry)magic);
}

/* ---- Parts ------------------------------------------------------------------------------------*/

enum part {
    HREF,
    ORIGIN,
    PROTOCOL,
    USERNAME,
    PASSWORD,
    HOST,
    HOSTNAME,
    PORT,
    PATHNAME,
    SEARCH,
    HASH
};

static void append(mr__bytes *out, const mr__bytes *part)
{
    mr__bytes_append(out, part->data, part->len);
}

/* A part with its sign in front, unless it is empty. */
static void append_marked(mr__bytes *out, char mark_char, const mr__bytes *part)
{
    if (part->len > 0) {
        mr__bytes_char(out, mark_char);
        append(out, part);
    }
}

static JSValue get_part(JSContext *ctx, JSValueConst this_val, int magic)
{
    MR__JS_GATE(mr__js_of(ctx));
    const struct url_object *url = url_of(ctx, this_val);
    if (url == NULL)
        return JS_EXCEPTION;
    const mr__url *record = &url->record;
    mr__bytes text = {0};
    switch ((enum part)magic) {
    case HREF:
        mr__url_href(record, &text);
        break;
    case ORIGIN:
        mr__url_origin(record, &text);
        break;
    case PROTOCOL:
        append(&text, &record->scheme);
        mr__bytes_char(&text, ':');
        break;
    case USERNAME:
        append(&text, &record->username);
        break;
    case PASSWORD:
        append(&text, &record->password);
        break;
    case HOST:
        mr__url_host_port(record, &text);
        break;
    case HOSTNAME:
        append(&text, &record->host);
        break;
    case PORT:
        if (record->port >= 0)
            mr__bytes_printf(&text, "%d", (int)record->port);
        break;
    case PATHNAME:
        append(&text, &record->path);
        break;
    case SEARCH:
        append_marked(&text, '?', &record->query);
        break;
    case HASH:
        append_marked(&text, '#', &record->fragment);
        break;
    }
    return text_value(ctx, &text);
}

static JSValue to_text(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    (void)argc, (void)argv;
    return get_part(ctx, this_val, HREF);
}

/* ---- Setting ----------------------------------------------------------------------------------*/

static int reset_params(JSContext *ctx, const struct url_object *url)
{
    const mr__bytes *query = &url->record.query;
    if (JS_IsUndefined(url->params))
        return 0;
    return mr__js_params_reset(mr__js_of(ctx), url->params, query->data, query->len);
}

static JSValue set_href(JSContext *ctx, struct url_object *url, const mr__bytes *text)
{
    mr__url record;
    int parsed = parse(ctx, &record, text, NULL);
    if (parsed <= 0)
        return parsed < 0 ? JS_EXCEPTION : throw_invalid(ctx, text, NULL);
    mr__url_deinit(&url->record);
    url->record = record;
    return reset_params(ctx, url) < 0 ? JS_EXCEPTION : JS_UNDEFINED;
}

static void set_credential(mr__url *record, mr__bytes *part, const mr__bytes *text)
{
    if (mr__url_is_bare(record))
        return;
    part->len = 0;
    mr__url_encode(part, text->data, text->len, MR__URL_SET_USERINFO);
}

static void set_port(mr__url *record, const mr__bytes *text)
{
    if (mr__url_is_bare(record))
        return;
    if (text->len == 0)
        record->port = -1;
    else
        mr__url_override(record, text->data, text->len, MR__URL_PORT);
}

/* Query or fragment: empty text takes it away, one sign in front is none of it. */
static void set_tail(mr__url *record, mr__bytes *part, bool *has, const mr__bytes *text, char sign,
                     mr__url_state state)
{
    part->len = 0;
    *has = text->len > 0;
    size_t skip = text->len > 0 && text->data[0] == sign;
    if (*has)
        mr__url_override(record, text->data + skip, text->len - skip, state);
}

static void set_record(mr__url *record, enum part part, mr__bytes *text)
{
    switch (part) {
    case HREF:
    case ORIGIN:
        break;
    case PROTOCOL:
        mr__bytes_char(text, ':');
        mr__url_override(record, text->data, text->len, MR__URL_SCHEME_START);
        break;
    case USERNAME:
        set_credential(record, &record->username, text);
        break;
    case PASSWORD:
        set_credential(record, &record->password, text);
        break;
    case HOST:
    case HOSTNAME:
        if (!record->opaque)
            mr__url_override(record, text->data, text->len,
                             part == HOST ? MR__URL_HOST : MR__URL_HOSTNAME);
        break;
    case PORT:
        set_port(record, text);
        break;
    case PATHNAME:
        if (!record->opaque) {
            record->path.len = 0;
            mr__url_override(record, text->data, text->len, MR__URL_PATH_START);
        }
        break;
    case SEARCH:
        set_tail(record, &record->query, &record->has_query, text, '?', MR__URL_QUERY);
        break;
    case HASH:
        set_tail(record, &record->fragment, &record->has_fragment, text, '#', MR__URL_FRAGMENT);
        break;
    }
}

/* A change is made on a copy: without memory, the URL stays as it was. */
static JSValue set_part(JSContext *ctx, JSValueConst this_val, JSValueConst value, int magic)
{
    MR__JS_GATE(mr__js_of(ctx));
    struct url_object *url = url_of(ctx, this_val);
    mr__bytes text = {0};
    JSValue result = JS_EXCEPTION;
    if (url == NULL || mr__js_append_text(ctx, &text, value) < 0)
        goto done;
    if (text.failed) {
        JS_ThrowOutOfMemory(ctx);
        goto done;
    }
    if (magic == HREF) {
        result = set_href(ctx, url, &text);
        goto done;
    }
    mr__url changed;
    mr__url_copy(&changed, &url->record);
    set_record(&changed, (enum part)magic, &text);
    if (mr__url_failed(&changed)) {
        mr__url_deinit(&changed);
        JS_ThrowOutOfMemory(ctx);
        goto done;
    }
    mr__url_deinit(&url->record);
    url->record = changed;
    if (magic != SEARCH || reset_params(ctx, url) == 0)
        result = JS_UNDEFINED;
done:
    mr__bytes_deinit(&text);
    return result;
}

/* ---- searchParams -----------------------------------------------------------------------------*/

static JSValue get_params(JSContext *ctx, JSValueConst this_val)
{
    mr_js *js = mr__js_of(ctx);
    MR__JS_GATE(js);
    struct url_object *url = url_of(ctx, this_val);
    if (url == NULL)
        return JS_EXCEPTION;
    if (JS_IsUndefined(url->params)) {
        const mr__bytes *query = &url->record.query;
        JSValue params = mr__js_params_of(js, this_val, query->data, query->len);
        if (JS_IsException(params))
            return params;
        url->params = params;
    }
    return JS_DupValue(ctx, url->params);
}

int mr__js_url_set_query(mr_js *js, JSValueConst object, const char *query, size_t len)
{
    struct url_object *url = JS_GetOpaque(object, js->url.url);
    mr__bytes text = {0};
    mr__bytes_append(&text, query, len);
    if (text.failed) {
        JS_ThrowOutOfMemory(js->ctx);
        return -1;
    }
    mr__bytes_deinit(&url->record.query);
    url->record.query = text;
    url->record.has_query = query != NULL;
    return 0;
}

/* ---- The class --------------------------------------------------------------------------------*/

enum { WEC = JS_PROP_C_W_E, EC = JS_PROP_CONFIGURABLE | JS_PROP_ENUMERABLE };

#define PART(name, part)                                                                           \
    {                                                                                              \
        name, EC, JS_DEF_CGETSET_MAGIC, part,                                                      \
        {                                                                                          \
            .getset = { {.getter_magic = get_part}, {.setter_magic = set_part} }                   \
        }                                                                                          \
    }

static const JSCFunctionListEntry members[] = {
    JS_CFUNC_DEF2("toString", 0, to_text, WEC),
    PART("href", HREF),
    {"origin",
     EC,
     JS_DEF_CGETSET_MAGIC,
     ORIGIN,
     {.getset = {{.getter_magic = get_part}, {.setter = NULL}}}},
    PART("protocol", PROTOCOL),
    PART("username", USERNAME),
    PART("password", PASSWORD),
    PART("host", HOST),
    PART("hostname", HOSTNAME),
    PART("port", PORT),
    PART("pathname", PATHNAME),
    PART("search", SEARCH),
    {"searchParams", EC, JS_DEF_CGETSET, 0, {.getset = {{.getter = get_params}, {.setter = NULL}}}},
    PART("hash", HASH),
    JS_CFUNC_DEF2("toJSON", 0, to_text, WEC),
    JS_PROP_STRING_DEF("[Symbol.toStringTag]", "URL", JS_PROP_CONFIGURABLE),
};

static const JSCFunctionListEntry statics[] = {
    {"parse",
     WEC,
     JS_DEF_CFUNC,
     PARSE,
     {.func = {1, JS_CFUNC_generic_magic, {.generic_magic = parse_static}}}},
    {"canParse",
     WEC,
     JS_DEF_CFUNC,
     CAN_PARSE,
     {.func = {1, JS_CFUNC_generic_magic, {.generic_magic = parse_static}}}},
};

int mr__js_url_class(mr_js *js, JSValueConst global, JSClassID *out_id, JSValue *out_constructor,
                     const JSClassDef *def, JSCFunction *construct_fn, int length,
                     const JSCFunctionListEntry *list, int count)
{
    JSContext *ctx = js->ctx;
    JS_NewClassID(js->rt, out_id);
    if (JS_NewClass(js->rt, *out_id, def) < 0)
        return -1;
    JSValue proto = JS_NewObject(ctx);
    JSValue constructor =
        JS_NewCFunction2(ctx, construct_fn, def->class_name, length, JS_CFUNC_constructor, 0);
    if (JS_IsException(proto) || JS_IsException(constructor) ||
        JS_SetPropertyFunctionList(ctx, proto, list, count) < 0 ||
        JS_SetConstructor(ctx, constructor, proto) < 0) {
        JS_FreeValue(ctx, proto);
        JS_FreeValue(ctx, constructor);
        return -1;
    }
    JS_SetClassProto(ctx, *out_id, proto);
    *out_constructor = constructor;
    return JS_DefinePropertyValueStr(ctx, global, def->class_name, JS_DupValue(ctx, constructor),
                                     JS_PROP_WRITABLE | JS_PROP_CONFIGURABLE);
}

/* What the console shows. */
static JSValue stand_in(mr_js *js, JSValueConst value)
{
    JSContext *ctx = js->ctx;
    const char *names[] = {"href",     "origin", "protocol", "username", "password",     "host",
                           "hostname", "port",   "pathname", "search",   "searchParams", "hash"};
    const JSValue values[] = {
        get_part(ctx, value, HREF),     get_part(ctx, value, ORIGIN),
        get_part(ctx, value, PROTOCOL), get_part(ctx, value, USERNAME),
        get_part(ctx, value, PASSWORD), get_part(ctx, value, HOST),
        get_part(ctx, value, HOSTNAME), get_part(ctx, value, PORT),
        get_part(ctx, value, PATHNAME), get_part(ctx, value, SEARCH),
        get_params(ctx, value),         get_part(ctx, value, HASH),
    };
    return mr__web_object(ctx, sizeof(names) / sizeof(names[0]), names, values);
}

int mr__js_url_install(mr_js *js, JSValueConst global)
{
    static const mr__stand_in shown = {stand_in, 0, true, true};
    static const JSClassDef def = {.class_name = "URL", .finalizer = finalize, .gc_mark = mark};
    return mr__js_url_class(js, global, &js->url.url, &js->url.constructor, &def, construct, 1,
                            members, sizeof(members) / sizeof(members[0])) < 0 ||
                   JS_SetPropertyFunctionList(js->ctx, js->url.constructor, statics,
                                              sizeof(statics) / sizeof(statics[0])) < 0 ||
                   mr__js_url_params_make(js, global) < 0 ||
                   mr__inspect_register(js, js->url.url, &shown) < 0
               ? -1
               : 0;
}

void mr__js_url_destroy(mr_js *js)
{
    JS_FreeValue(js->ctx, js->url.constructor);
    JS_FreeValue(js->ctx, js->url.params_constructor);
}

/* ---- For node:url -----------------------------------------------------------------------------*/

/* parse(text): protocol, hostname and pathname of a URL, whatever a script did to the class. */
static JSValue parse_parts(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    (void)this_val;
    JSValue object = enter(ctx, JS_UNDEFINED, argc, argv, CONSTRUCT);
    if (JS_IsException(object))
        return object;
    const char *names[] = {"protocol", "hostname", "pathname"};
    const JSValue values[] = {get_part(ctx, object, PROTOCOL), get_part(ctx, object, HOSTNAME),
                              get_part(ctx, object, PATHNAME)};
    JS_FreeValue(ctx, object);
    return JS_NewObjectFromStr(ctx, 3, names, values);
}

/* domain(text, toUnicode): the domain in its other form, '' for none. */
static JSValue convert_domain(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    (void)this_val, (void)argc;
    mr__bytes domain = {0}, host = {0}, unicode = {0};
    if (mr__js_append_text(ctx, &domain, argv[0]) < 0)
        return JS_EXCEPTION;
    bool good = mr__url_host(&host, domain.data, domain.len, false);
    if (good && JS_ToBool(ctx, argv[1]))
        good = mr__url_domain_to_unicode(&unicode, host.data, host.len);
    mr__bytes *result = JS_ToBool(ctx, argv[1]) ? &unicode : &host;
    if (!good)
        result->len = 0;
    JSValue value = domain.failed || host.failed || unicode.failed
                        ? JS_ThrowOutOfMemory(ctx)
                        : JS_NewStringLen(ctx, result->data ? result->data : "", result->len);
    mr__bytes_deinit(&domain);
    mr__bytes_deinit(&host);
    mr__bytes_deinit(&unicode);
    return value;
}

int mr__js_binding_url(mr_js *js, JSValueConst target)
{
    static const JSCFunctionListEntry functions[] = {
        JS_CFUNC_DEF("parse", 1, parse_parts),
        JS_CFUNC_DEF("domain", 2, convert_domain),
    };
    JSContext *ctx = js->ctx;
    return JS_SetPropertyFunctionList(ctx, target, functions,
                                      sizeof(functions) / sizeof(functions[0])) < 0 ||
                   JS_DefinePropertyValueStr(ctx, target, "URL",
                                             JS_DupValue(ctx, js->url.constructor),
                                             JS_PROP_C_W_E) < 0 ||
                   JS_DefinePropertyValueStr(ctx, target, "URLSearchParams",
                                             JS_DupValue(ctx, js->url.params_constructor),
                                             JS_PROP_C_W_E) < 0
               ? -1
               : 0;
}
