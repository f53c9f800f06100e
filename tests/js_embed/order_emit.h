/* A program of order_program.h as JavaScript.
 *
 * What is plain JavaScript is written as such. Two things are the prelude's: only a TypeError for
 * the promise itself is in ECMA-262, so a longer ring, which C rejects, is looked for by hand; and
 * whether a settler was still of use, which a script is not told. */
#ifndef MR_TESTS_ORDER_EMIT_H
#define MR_TESTS_ORDER_EMIT_H

#include "order_program.h"

/* later(fn, ms) and hear(unhandled, handled) are the host's. */
static const char order_prelude[] =
    "'use strict';\n"
    "var text = '', rings = 0;\n"
    "let P, R, touched, follows, reports;\n"
    "const show = (v, deep = 0) => {\n"
    "  if (v instanceof Promise) { const k = P.indexOf(v); return 'P' + (k < 0 ? '?' : k); }\n"
    "  if (Array.isArray(v))\n"
    "    return deep > 2 ? '[...]' : '[' + v.map((item) => show(item, deep + 1)).join() + ']';\n"
    "  if (v instanceof AggregateError) return 'all of ' + show(v.errors, deep);\n"
    "  if (v instanceof TypeError) return 'TypeError';\n"
    "  if (v instanceof Error) return v.code;\n"
    "  if (typeof v !== 'object') return String(v);\n"
    "  if (v.status === 'fulfilled') return '+' + show(v.value, deep);\n"
    "  return '-' + show(v.reason, deep);\n"
    "};\n"
    "const say = (what, v) => { text += what + ' ' + show(v) + '\\n'; };\n"
    "const fail = (code) => Object.assign(new Error(code), { code });\n"
    "const some = (v) => v === undefined ? fail('MR_EIO') : v;\n"
    "const p = (k) => P[k] ?? -k;\n"
    "const at = (k) => { touched[k] ||= P[k] !== undefined; return P[k]; };\n"
    "const drop = (k) => { if (!R[k] || touched[k]) P[k] = undefined; };\n"
    /* Whether q is on a way that ends at promise; to follow itself is the engine's to see. */
    "const ring = (promise, q) => {\n"
    "  for (let next = q; (next = follows.get(next)) !== undefined;)\n"
    "    if (next === promise && q !== promise) return true;\n"
    "  if (q instanceof Promise && q !== promise) follows.set(promise, q);\n"
    "  return false;\n"
    "};\n"
    "const made = (child, v) => {\n"
    "  if (ring(child, v)) { rings++; throw new TypeError('ring'); }\n"
    "  return v;\n"
    "};\n"
    "const open = (k) => {\n"
    "  const r = R[k] = {};\n"
    "  P[k] = r.promise = new Promise((yes, no) => { r.yes = yes; r.no = no; });\n"
    "};\n"
    "const told = (k, what) => {\n"
    "  text += what + ' ' + k + (P[k] === undefined ? '' : R[k].used ? ' lost' : ' won') + '\\n';\n"
    "  R[k].used = true;\n"
    "};\n"
    "const resolve = (k, v) => {\n"
    "  const r = R[k];\n"
    "  if (!r) return;\n"
    "  if (!r.used && ring(r.promise, v)) r.no(new TypeError('ring'));\n"
    "  else r.yes(v);\n"
    "  told(k, 'resolve');\n"
    "};\n"
    "const reject = (k, v) => { if (R[k]) { R[k].no(v); told(k, 'reject'); } };\n"
    "const attempt = (fn) => {\n"
    "  let v;\n"
    "  const promise = new Promise((yes) => yes(v = fn()));\n"
    "  if (v instanceof Promise) follows.set(promise, v);\n"
    "  return promise;\n"
    "};\n"
    "hear((reason, promise) => {\n"
    "  say('unhandled ' + show(promise), reason);\n"
    "  reports.shift()?.(reason, promise);\n"
    "}, (promise) => say('handled', promise));\n"
    "const program = (main, ...heard) => {\n"
    "  P = []; R = []; touched = []; follows = new Map(); text = ''; rings = 0; reports = heard;\n"
    "  main();\n"
    "};\n"
    "const finale = () => P.forEach((promise, k) => promise?.then(\n"
    "  (v) => say('P' + k + ' fulfilled', v), (v) => say('P' + k + ' rejected', v)));\n";

static const char *const order_codes[CODES] = {"MR_EIO", "MR_ECANCELED", "MR_ETIMEDOUT"};

static inline void emit_value(struct text *out, struct value value)
{
    switch (value.is) {
    case IS_INT:
        text_add(out, "%d", value.number);
        break;
    case IS_UNDEFINED:
        text_add(out, "undefined");
        break;
    case IS_ERROR:
        text_add(out, "fail('%s')", order_codes[value.number]);
        break;
    case IS_PROMISE:
        text_add(out, "p(%d)", value.number);
        break;
    case IS_ARGUMENT:
        text_add(out, "x");
        break;
    }
}

static inline void emit_block(struct text *out, const struct program *program, int block, int deep,
                              const char *child);

static inline void emit_attached(struct text *out, const struct program *program, int at, int deep)
{
    static const char *const names[OPS] = {
        [THEN] = "then", [CATCH] = "catch", [FINALLY] = "finally"};
    const struct statement *s = &program->statements[at];
    char child[16];
    snprintf(child, sizeof child, "c%d", at);
    text_add(out, "const %s = at(%d)?.%s(", child, s->of, names[s->op]);
    if (s->blocks[0] == NONE)
        text_add(out, "undefined");
    else
        emit_block(out, program, s->blocks[0], deep, s->op == FINALLY ? NULL : child);
    if (s->blocks[1] != NONE) {
        text_add(out, ", ");
        emit_block(out, program, s->blocks[1], deep, child);
    }
    text_add(out, ");");
    if (s->to != NONE)
        text_add(out, " P[%d] = %s;", s->to, child);
}

static inline void emit_call(struct text *out, const struct statement *s, const char *name)
{
    if (s->to != NONE)
        text_add(out, "P[%d] = ", s->to);
    text_add(out, "%s(", name);
    emit_value(out, s->values[0]);
    text_add(out, ");");
}

static inline void emit_combined(struct text *out, const struct statement *s)
{
    static const char *const names[OPS] = {
        [ALL] = "all", [ALL_SETTLED] = "allSettled", [ANY] = "any", [RACE] = "race"};
    if (s->to != NONE)
        text_add(out, "P[%d] = ", s->to);
    text_add(out, "Promise.%s([", names[s->op]);
    for (int i = 0; i < s->n; i++) {
        text_add(out, i == 0 ? "" : ", ");
        emit_value(out, s->values[i]);
    }
    text_add(out, "]);");
}

static inline void emit_task(struct text *out, const struct program *program,
                             const struct statement *s, int deep)
{
    static const char *const names[OPS] = {
        [MICROTASK] = "queueMicrotask", [TICK] = "process.nextTick", [TIMER] = "later"};
    text_add(out, "%s(", names[s->op]);
    emit_block(out, program, s->blocks[0], deep, NULL);
    if (s->op == TIMER)
        text_add(out, ", %d", s->n);
    text_add(out, ");");
}

static inline void emit_statement(struct text *out, const struct program *program, int at, int deep)
{
    const struct statement *s = &program->statements[at];
    switch (s->op) {
    case RESOLVE:
        emit_call(out, s, "Promise.resolve");
        break;
    case REJECT:
        emit_call(out, s, "Promise.reject");
        break;
    case OPEN:
        if (s->to != NONE)
            text_add(out, "open(%d);", s->to);
        break;
    case ATTEMPT:
        if (s->to != NONE)
            text_add(out, "P[%d] = ", s->to);
        text_add(out, "attempt(");
        emit_block(out, program, s->blocks[0], deep, NULL);
        text_add(out, ");");
        break;
    case THEN:
    case CATCH:
    case FINALLY:
        emit_attached(out, program, at, deep);
        break;
    case SETTLE_RESOLVE:
    case SETTLE_REJECT:
        text_add(out, "%s(%d, ", s->op == SETTLE_RESOLVE ? "resolve" : "reject", s->of);
        emit_value(out, s->values[0]);
        text_add(out, ");");
        break;
    case ALL:
    case ALL_SETTLED:
    case ANY:
    case RACE:
        emit_combined(out, s);
        break;
    case MICROTASK:
    case TICK:
    case TIMER:
        emit_task(out, program, s, deep);
        break;
    case DROP:
        text_add(out, "drop(%d);", s->of);
        break;
    case OPS:
        break;
    }
}

static inline void emit_end(struct text *out, const struct block *b, const char *child)
{
    if (b->end == END_RETURN) {
        text_add(out, child != NULL ? "return made(%s, " : "return %s(",
                 child != NULL ? child : "");
        emit_value(out, b->value);
        text_add(out, ");");
    } else if (b->end == END_THROW) {
        text_add(out, "throw some(");
        emit_value(out, b->value);
        text_add(out, ");");
    } else if (b->end == END_THROW_CODE) {
        text_add(out, "throw fail('%s');", order_codes[b->value.number]);
    }
}

/* A function: its body says that it runs and what it was told. child: of what it returns. */
static inline void emit_block(struct text *out, const struct program *program, int block, int deep,
                              const char *child)
{
    const struct block *b = &program->blocks[block];
    text_add(out, "(x) => {\n%*ssay('block %d', x);\n", 2 * deep + 2, "", block);
    for (int at = b->first; at != NONE; at = program->statements[at].next) {
        text_add(out, "%*s", 2 * deep + 2, "");
        emit_statement(out, program, at, deep + 1);
        text_add(out, "\n");
    }
    if (b->end != END_NOTHING) {
        text_add(out, "%*s", 2 * deep + 2, "");
        emit_end(out, b, child);
        text_add(out, "\n");
    }
    text_add(out, "%*s}", 2 * deep, "");
}

static inline void emit_report(struct text *out, const struct program *program, int i)
{
    if (program->reports[i] == NONE) {
        text_add(out, ", () => {}");
        return;
    }
    text_add(out, ", (x, promise) => { ");
    if (program->reported[i] != NONE)
        text_add(out, "P[%d] = promise; ", program->reported[i]);
    text_add(out, "(");
    emit_block(out, program, program->reports[i], 0, NULL);
    text_add(out, ")(x); }");
}

static inline void emit_program(struct text *out, const struct program *program)
{
    text_add(out, "program(");
    emit_block(out, program, MAIN, 0, NULL);
    for (int i = 0; i < REPORTS; i++)
        emit_report(out, program, i);
    text_add(out, ")");
}

#endif
