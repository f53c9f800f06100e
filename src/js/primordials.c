/* Primordials: the engine's functions as they were before any script ran, for the library files.
 *
 * All are taken at installation, as the engine has them, which costs little; what a library file asks
 * for becomes a property of the primordials object when it first asks. Methods and getters then are
 * functions that take their receiver as first argument. */
#include "js/primordials.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "js/gate.h"

enum how {
    ITSELF, /* the global value of that name */
    STATIC, /* CLASS.MEMBER */
    BOUND,  /* the same, called on CLASS */
    METHOD, /* CLASS.prototype.MEMBER, with the receiver as first argument */
    GETTER, /* the getter of CLASS.prototype.MEMBER, likewise */
    PARENT, /* the prototype of CLASS.prototype */
};

/* Sorted by name, so that those of a class stand together. A class with a space in its name is one of
 * the engine's that has no constructor; a member with an @ is a well-known symbol. Absent on purpose
 * are splice, map and the others that make their result through the `constructor` of the array, which
 * a script can change. */
static const struct row {
    const char *name, *class_name, *member;
    enum how how;
} table[] = {
    {"ArrayBufferIsView", "ArrayBuffer", "isView", STATIC},
    {"ArrayIsArray", "Array", "isArray", STATIC},
    {"ArrayPrototypeIncludes", "Array", "includes", METHOD},
    {"ArrayPrototypeIndexOf", "Array", "indexOf", METHOD},
    {"ArrayPrototypeJoin", "Array", "join", METHOD},
    {"ArrayPrototypePop", "Array", "pop", METHOD},
    {"ArrayPrototypePush", "Array", "push", METHOD},
    {"ArrayPrototypeShift", "Array", "shift", METHOD},
    {"ArrayPrototypeToSpliced", "Array", "toSpliced", METHOD},
    {"ArrayPrototypeUnshift", "Array", "unshift", METHOD},
    {"AsyncIteratorPrototype", "AsyncGenerator", NULL, PARENT},
    {"BigInt", "BigInt", NULL, ITSELF},
    {"BigIntPrototypeValueOf", "BigInt", "valueOf", METHOD},
    {"Boolean", "Boolean", NULL, ITSELF},
    {"BooleanPrototypeValueOf", "Boolean", "valueOf", METHOD},
    {"DataViewPrototypeGetBuffer", "DataView", "buffer", GETTER},
    {"DataViewPrototypeGetByteLength", "DataView", "byteLength", GETTER},
    {"DataViewPrototypeGetByteOffset", "DataView", "byteOffset", GETTER},
    {"Date", "Date", NULL, ITSELF},
    {"DatePrototypeGetTime", "Date", "getTime", METHOD},
    {"Error", "Error", NULL, ITSELF},
    {"ErrorCaptureStackTrace", "Error", "captureStackTrace", STATIC},
    {"ErrorPrototypeToString", "Error", "toString", METHOD},
    {"FunctionPrototypeBind", "Function", "bind", METHOD},
    {"FunctionPrototypeSymbolHasInstance", "Function", "@hasInstance", METHOD},
    {"JSONStringify", "JSON", "stringify", STATIC},
    {"Map", "Map", NULL, ITSELF},
    {"MapIteratorPrototypeNext", "Map Iterator", "next", METHOD},
    {"MapPrototypeEntries", "Map", "entries", METHOD},
    {"MapPrototypeGet", "Map", "get", METHOD},
    {"MapPrototypeGetSize", "Map", "size", GETTER},
    {"MapPrototypeHas", "Map", "has", METHOD},
    {"MapPrototypeSet", "Map", "set", METHOD},
    {"MathMax", "Math", "max", STATIC},
    {"MathMin", "Math", "min", STATIC},
    {"MathRound", "Math", "round", STATIC},
    {"Number", "Number", NULL, ITSELF},
    {"NumberIsFinite", "Number", "isFinite", STATIC},
    {"NumberIsInteger", "Number", "isInteger", STATIC},
    {"NumberIsNaN", "Number", "isNaN", STATIC},
    {"NumberIsSafeInteger", "Number", "isSafeInteger", STATIC},
    {"NumberParseInt", "Number", "parseInt", STATIC},
    {"NumberPrototypeValueOf", "Number", "valueOf", METHOD},
    {"Object", "Object", NULL, ITSELF},
    {"ObjectAssign", "Object", "assign", STATIC},
    {"ObjectCreate", "Object", "create", STATIC},
    {"ObjectDefineProperty", "Object", "defineProperty", STATIC},
    {"ObjectFreeze", "Object", "freeze", STATIC},
    {"ObjectGetOwnPropertyDescriptor", "Object", "getOwnPropertyDescriptor", STATIC},
    {"ObjectGetOwnPropertySymbols", "Object", "getOwnPropertySymbols", STATIC},
    {"ObjectGetPrototypeOf", "Object", "getPrototypeOf", STATIC},
    {"ObjectHasOwn", "Object", "hasOwn", STATIC},
    {"ObjectIs", "Object", "is", STATIC},
    {"ObjectKeys", "Object", "keys", STATIC},
    {"ObjectPreventExtensions", "Object", "preventExtensions", STATIC},
    {"ObjectPrototypeIsPrototypeOf", "Object", "isPrototypeOf", METHOD},
    {"ObjectPrototypePropertyIsEnumerable", "Object", "propertyIsEnumerable", METHOD},
    {"ObjectPrototypeToString", "Object", "toString", METHOD},
    {"ObjectSetPrototypeOf", "Object", "setPrototypeOf", STATIC},
    {"Promise", "Promise", NULL, ITSELF},
    {"PromiseReject", "Promise", "reject", BOUND},
    {"PromiseResolve", "Promise", "resolve", BOUND},
    {"RangeError", "RangeError", NULL, ITSELF},
    {"ReferenceError", "ReferenceError", NULL, ITSELF},
    {"ReflectApply", "Reflect", "apply", STATIC},
    {"ReflectConstruct", "Reflect", "construct", STATIC},
    {"ReflectOwnKeys", "Reflect", "ownKeys", STATIC},
    {"RegExp", "RegExp", NULL, ITSELF},
    {"RegExpPrototypeExec", "RegExp", "exec", METHOD},
    {"RegExpPrototypeGetFlags", "RegExp", "flags", GETTER},
    {"RegExpPrototypeGetSource", "RegExp", "source", GETTER},
    {"Set", "Set", NULL, ITSELF},
    {"SetIteratorPrototypeNext", "Set Iterator", "next", METHOD},
    {"SetPrototypeAdd", "Set", "add", METHOD},
    {"SetPrototypeDelete", "Set", "delete", METHOD},
    {"SetPrototypeGetSize", "Set", "size", GETTER},
    {"SetPrototypeHas", "Set", "has", METHOD},
    {"SetPrototypeValues", "Set", "values", METHOD},
    {"String", "String", NULL, ITSELF},
    {"StringPrototypeCharCodeAt", "String", "charCodeAt", METHOD},
    {"StringPrototypeCodePointAt", "String", "codePointAt", METHOD},
    {"StringPrototypeEndsWith", "String", "endsWith", METHOD},
    {"StringPrototypeIncludes", "String", "includes", METHOD},
    {"StringPrototypeIndexOf", "String", "indexOf", METHOD},
    {"StringPrototypeLastIndexOf", "String", "lastIndexOf", METHOD},
    {"StringPrototypeRepeat", "String", "repeat", METHOD},
    {"StringPrototypeSlice", "String", "slice", METHOD},
    {"StringPrototypeStartsWith", "String", "startsWith", METHOD},
    {"StringPrototypeToLowerCase", "String", "toLowerCase", METHOD},
    {"StringPrototypeToUpperCase", "String", "toUpperCase", METHOD},
    {"StringPrototypeToWellFormed", "String", "toWellFormed", METHOD},
    {"StringPrototypeValueOf", "String", "valueOf", METHOD},
    {"Symbol", "Symbol", NULL, ITSELF},
    {"SymbolAsyncDispose", "Symbol", "asyncDispose", STATIC},
    {"SymbolAsyncIterator", "Symbol", "asyncIterator", STATIC},
    {"SymbolDispose", "Symbol", "dispose", STATIC},
    {"SymbolFor", "Symbol", "for", STATIC},
    {"SymbolIterator", "Symbol", "iterator", STATIC},
    {"SymbolPrototypeValueOf", "Symbol", "valueOf", METHOD},
    {"SymbolToPrimitive", "Symbol", "toPrimitive", STATIC},
    {"SymbolToStringTag", "Symbol", "toStringTag", STATIC},
    {"SyntaxError", "SyntaxError", NULL, ITSELF},
    {"TypeError", "TypeError", NULL, ITSELF},
    {"TypedArrayPrototypeGetBuffer", "TypedArray", "buffer", GETTER},
    {"TypedArrayPrototypeGetByteLength", "TypedArray", "byteLength", GETTER},
    {"TypedArrayPrototypeGetByteOffset", "TypedArray", "byteOffset", GETTER},
    {"TypedArrayPrototypeGetLength", "TypedArray", "length", GETTER},
    {"TypedArrayPrototypeGetTag", "TypedArray", "@toStringTag", GETTER},
    {"URIError", "URIError", NULL, ITSELF},
    {"Uint8Array", "Uint8Array", NULL, ITSELF},
    {"WeakMap", "WeakMap", NULL, ITSELF},
    {"WeakMapPrototypeGet", "WeakMap", "get", METHOD},
    {"WeakMapPrototypeSet", "WeakMap", "set", METHOD},
    {"decodeURIComponent", "decodeURIComponent", NULL, ITSELF},
    {"encodeURIComponent", "encodeURIComponent", NULL, ITSELF},
};
enum { COUNT = sizeof(table) / sizeof(table[0]) };

struct mr__js_primordials {
    JSValue taken[COUNT];
    JSValue promise; /* the receiver of those that are bound: all hang on it */
};

/* ---- Taking -----------------------------------------------------------------------------------*/

/* The object that members of a class are read from, held while the table stays in one class. */
struct source {
    const char *class_name;
    JSValue constructor, prototype;
};

static void leave_class(JSContext *ctx, struct source *source)
{
    JS_FreeValue(ctx, source->constructor);
    JS_FreeValue(ctx, source->prototype);
    *source = (struct source){NULL, JS_UNDEFINED, JS_UNDEFINED};
}

/* The prototype of a class of the engine's that has no name in the global object: the first class of
 * that name, as the engine makes its own first. */
static JSValue prototype_of_class(mr_js *js, const char *class_name)
{
    JSAtom wanted = JS_NewAtom(js->ctx, class_name);
    JSValue found = JS_UNDEFINED;
    for (JSClassID id = 1; JS_IsUndefined(found) && JS_IsRegisteredClass(js->rt, id); id++) {
        JSAtom name = JS_GetClassName(js->rt, id);
        if (name == wanted)
            found = JS_GetClassProto(js->ctx, id);
        JS_FreeAtom(js->ctx, name);
    }
    JS_FreeAtom(js->ctx, wanted);
    return found;
}

static int enter_class(mr_js *js, JSValueConst global, struct source *source, const char *name)
{
    JSContext *ctx = js->ctx;
    if (source->class_name != NULL && strcmp(source->class_name, name) == 0)
        return 0;
    leave_class(ctx, source);
    source->class_name = name;
    if (strcmp(name, "AsyncGenerator") == 0 || strchr(name, ' ') != NULL) {
        source->prototype = prototype_of_class(js, name);
        return 0;
    }
    bool typed = strcmp(name, "TypedArray") == 0; /* has no name of its own */
    source->constructor = JS_GetPropertyStr(ctx, global, typed ? "Uint8Array" : name);
    if (!JS_IsObject(source->constructor))
        return JS_IsException(source->constructor) ? -1 : 0;
    source->prototype = JS_GetPropertyStr(ctx, source->constructor, "prototype");
    if (typed && JS_IsObject(source->prototype)) {
        JSValue parent = JS_GetPrototype(ctx, source->prototype);
        JS_FreeValue(ctx, source->prototype);
        source->prototype = parent;
    }
    return JS_IsException(source->prototype) ? -1 : 0;
}

static JSAtom member_atom(JSContext *ctx, JSValueConst global, const char *member)
{
    if (member[0] != '@')
        return JS_NewAtom(ctx, member);
    JSValue constructor = JS_GetPropertyStr(ctx, global, "Symbol");
    JSValue symbol = JS_GetPropertyStr(ctx, constructor, member + 1);
    JSAtom atom = JS_IsException(symbol) ? JS_ATOM_NULL : JS_ValueToAtom(ctx, symbol);
    JS_FreeValue(ctx, symbol);
    JS_FreeValue(ctx, constructor);
    return atom;
}

static JSValue own_getter(JSContext *ctx, JSValueConst object, JSAtom atom)
{
    JSPropertyDescriptor desc;
    int found = JS_IsObject(object) ? JS_GetOwnProperty(ctx, &desc, object, atom) : 0;
    if (found <= 0)
        return found < 0 ? JS_EXCEPTION : JS_UNDEFINED;
    JS_FreeValue(ctx, desc.setter);
    JS_FreeValue(ctx, desc.value);
    return desc.getter;
}

static JSValue take_member(JSContext *ctx, JSValueConst global, const struct source *source,
                           size_t row)
{
    enum how how = table[row].how;
    JSValueConst holder = how == STATIC || how == BOUND ? source->constructor : source->prototype;
    if (!JS_IsObject(holder)) /* an older engine may be without a class */
        return JS_UNDEFINED;
    if (how == PARENT)
        return JS_GetPrototype(ctx, holder);
    JSAtom atom = member_atom(ctx, global, table[row].member);
    if (atom == JS_ATOM_NULL)
        return JS_EXCEPTION;
    JSValue value =
        how == GETTER ? own_getter(ctx, holder, atom) : JS_GetProperty(ctx, holder, atom);
    JS_FreeAtom(ctx, atom);
    return value;
}

static int take_all(mr_js *js, JSValueConst global)
{
    struct source source = {NULL, JS_UNDEFINED, JS_UNDEFINED};
    int failed = 0;
    for (size_t i = 0; i < COUNT && !failed; i++) {
        JSValue *taken = &js->primordials->taken[i];
        if (table[i].how == ITSELF)
            *taken = JS_GetPropertyStr(js->ctx, global, table[i].name);
        else if (enter_class(js, global, &source, table[i].class_name) < 0)
            *taken = JS_EXCEPTION;
        else
            *taken = take_member(js->ctx, global, &source, i);
        failed = JS_IsException(*taken);
    }
    leave_class(js->ctx, &source);
    js->primordials->promise = JS_GetPropertyStr(js->ctx, global, "Promise");
    return failed || JS_IsException(js->primordials->promise) ? -1 : 0;
}

/* ---- What library files are given -------------------------------------------------------------*/

static JSValue call_method(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv,
                           int row)
{
    (void)this_val;
    mr_js *js = mr__js_of(ctx);
    MR__JS_GATE(js);
    return JS_Call(ctx, js->primordials->taken[row], argv[0], argc > 0 ? argc - 1 : 0, argv + 1);
}

static JSValue call_bound(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv,
                          int row)
{
    (void)this_val;
    mr_js *js = mr__js_of(ctx);
    MR__JS_GATE(js);
    return JS_Call(ctx, js->primordials->taken[row], js->primordials->promise, argc, argv);
}

static JSValue value_of_row(mr_js *js, size_t row)
{
    switch (table[row].how) {
    case METHOD:
    case GETTER:
        return JS_NewCFunctionMagic(js->ctx, call_method, "call", 1, JS_CFUNC_generic_magic,
                                    (int)row);
    case BOUND:
        return JS_NewCFunctionMagic(js->ctx, call_bound, "call", 1, JS_CFUNC_generic_magic,
                                    (int)row);
    case ITSELF:
    case STATIC:
    case PARENT:
    default:
        return JS_DupValue(js->ctx, js->primordials->taken[row]);
    }
}

static int compare(const void *name, const void *row)
{
    return strcmp(name, ((const struct row *)row)->name);
}

static size_t find_row(const char *name)
{
    const struct row *found = bsearch(name, table, COUNT, sizeof table[0], compare);
    return found == NULL ? COUNT : (size_t)(found - table);
}

/* A name asked for the first time: defined as an ordinary property, which the engine finds itself
 * from then on. */
static int first_asked(JSContext *ctx, JSPropertyDescriptor *desc, JSValueConst object, JSAtom atom)
{
    const char *name = JS_AtomToCString(ctx, atom);
    if (name == NULL)
        return -1;
    size_t row = find_row(name);
    MR_DASSERT(row != COUNT); /* a library file asks for what is not in the table */
    JS_FreeCString(ctx, name);
    if (row == COUNT)
        return 0;
    JSValue value = value_of_row(mr__js_of(ctx), row);
    if (JS_IsException(value) ||
        JS_DefinePropertyValue(ctx, object, atom, JS_DupValue(ctx, value), 0) < 0) {
        JS_FreeValue(ctx, value);
        return -1;
    }
    if (desc == NULL)
        JS_FreeValue(ctx, value);
    else
        *desc = (JSPropertyDescriptor){0, value, JS_UNDEFINED, JS_UNDEFINED};
    return 1;
}

JSValue mr__js_primordials_object(mr_js *js)
{
    static JSClassExoticMethods methods = {.get_own_property = first_asked};
    static const JSClassDef def = {.class_name = "Object", .exotic = &methods};
    JSClassID class_id = 0;
    JS_NewClassID(js->rt, &class_id);
    if (JS_NewClass(js->rt, class_id, &def) < 0)
        return JS_EXCEPTION;
    return JS_NewObjectProtoClass(js->ctx, JS_NULL, class_id);
}

/* ---- Life -------------------------------------------------------------------------------------*/

/* From the global object itself: what is being installed stands on another. */
int mr__js_primordials_install(mr_js *js)
{
    struct mr__js_primordials *primordials = js->primordials = mr__alloc(sizeof(*primordials));
    if (primordials == NULL) {
        JS_ThrowOutOfMemory(js->ctx);
        return -1;
    }
    for (size_t i = 0; i < COUNT; i++) {
        MR_DASSERT(i == 0 || strcmp(table[i - 1].name, table[i].name) < 0);
        primordials->taken[i] = JS_UNDEFINED;
    }
    primordials->promise = JS_UNDEFINED;
    JSValue global = JS_GetGlobalObject(js->ctx);
    int failed = take_all(js, global);
    JS_FreeValue(js->ctx, global);
    return failed;
}

void mr__js_primordials_destroy(mr_js *js)
{
    struct mr__js_primordials *primordials = js->primordials;
    if (primordials == NULL)
        return;
    js->primordials = NULL;
    for (size_t i = 0; i < COUNT; i++)
        JS_FreeValue(js->ctx, primordials->taken[i]);
    JS_FreeValue(js->ctx, primordials->promise);
    mr__free(primordials);
}
