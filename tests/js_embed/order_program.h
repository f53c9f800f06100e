/* Small random programs about the order of promise jobs, made from a seed.
 *
 * A program is a tree of blocks, each a list of statements. The first block is the main program; the
 * others are the bodies of handlers, microtasks, ticks, timers and reports of unhandled rejections.
 * Each stands at one place and runs at most once, so a promise that a statement makes can have a
 * number. A number whose promise was not made yet, or was dropped, stands for a plain integer as a
 * value, and for nothing to attach to. */
#ifndef MR_TESTS_ORDER_PROGRAM_H
#define MR_TESTS_ORDER_PROGRAM_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <millrace/attributes.h>

/* ---- text ---- */

struct text {
    char *data; /* NULL: nothing yet */
    size_t len, cap;
};

static inline void text_add(struct text *text, const char *format, ...) MR_PRINTF(2, 3);
static inline void text_add(struct text *text, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    size_t room = text->cap - text->len;
    int len = vsnprintf(text->data == NULL ? NULL : text->data + text->len, room, format, args);
    va_end(args);
    if (len < 0)
        abort();
    if ((size_t)len >= room) {
        text->cap = 2 * (text->cap + (size_t)len) + 256;
        text->data = realloc(text->data, text->cap);
        if (text->data == NULL)
            abort();
        vsnprintf(text->data + text->len, text->cap - text->len, format, again);
    }
    va_end(again);
    text->len += (size_t)len;
}

static inline void text_clear(struct text *text)
{
    text->len = 0;
    if (text->data != NULL)
        text->data[0] = '\0';
}

static inline const char *text_of(const struct text *text)
{
    return text->data == NULL ? "" : text->data;
}

static inline void text_free(struct text *text)
{
    free(text->data);
    *text = (struct text){0};
}

/* ---- programs ---- */

enum { STATEMENTS = 128, BLOCKS = 128, PROMISES = 64, INPUTS = 5, REPORTS = 3, NONE = -1 };

enum value_is {
    IS_INT,
    IS_UNDEFINED,
    IS_ERROR,   /* number: of a code */
    IS_PROMISE, /* number: of the promise */
    IS_ARGUMENT /* what the handler was told */
};

struct value {
    enum value_is is;
    int number;
};

/* How a block ends; a block that is no handler and no attempt just ends. */
enum end { END_NOTHING, END_RETURN, END_THROW, END_THROW_CODE };

struct block {
    int first, last; /* statements */
    int own;         /* number of the promise of what it makes */
    bool has_argument, makes;
    enum end end;
    struct value value; /* of END_THROW_CODE: the code */
};

enum op {
    RESOLVE,        /* to = Promise.resolve(values[0]) */
    REJECT,         /* to = Promise.reject(values[0]) */
    OPEN,           /* to = Promise.withResolvers() */
    ATTEMPT,        /* to = what blocks[0] makes */
    THEN,           /* to = of.then(blocks[0], blocks[1]) */
    CATCH,          /* to = of.catch(blocks[0]) */
    FINALLY,        /* to = of.finally(blocks[0]) */
    SETTLE_RESOLVE, /* the settler of `of` */
    SETTLE_REJECT,
    ALL, /* to = of `n` values */
    ALL_SETTLED,
    ANY,
    RACE,
    MICROTASK, /* blocks[0] */
    TICK,
    TIMER, /* after n ms */
    DROP,  /* of: not needed any more */
    OPS
};

struct statement {
    enum op op;
    int next; /* of its block */
    int to, of;
    int blocks[2];
    int n;
    struct value values[INPUTS];
};

struct program {
    uint64_t seed, random;
    int statement_count, block_count, promise_count, budget;
    struct statement statements[STATEMENTS];
    struct block blocks[BLOCKS];
    int reports[REPORTS];   /* blocks that run at the first unhandled rejections; NONE */
    int reported[REPORTS];  /* the number that such a promise gets */
    bool opened[PROMISES];  /* has a settler */
    bool settled[PROMISES]; /* a statement uses the settler */
    bool plain[PROMISES];   /* fulfilled with an integer */
    bool quiet;             /* does nothing in a report */
    int scope[PROMISES];    /* made before this place, as far as one can tell */
    int scope_count;
    int follower, leader; /* the latest settler that was resolved with that of another */
    int closer;           /* the settler to be resolved with the latest child, or NONE */
};

enum { MAIN = 0, DEPTH = 4 };

/* ---- chance: SplitMix64 (Steele, Lea and Flood, 2014) ---- */

static inline unsigned chance(struct program *program, unsigned n)
{
    uint64_t z = program->random += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return (unsigned)((z ^ (z >> 31)) >> 33) % n;
}

static inline bool percent(struct program *program, unsigned n)
{
    return chance(program, 100) < n;
}

/* A place in a list by weight. */
static inline unsigned weighed(struct program *program, const uint8_t *weights, unsigned n)
{
    unsigned sum = 0, i = 0;
    for (unsigned j = 0; j < n; j++)
        sum += weights[j];
    unsigned at = chance(program, sum);
    while (at >= weights[i])
        at -= weights[i++];
    return i;
}

/* ---- generating ---- */

enum { CODES = 3 };

/* Mostly one that is there, and of these mostly one of the latest. */
static inline int some_promise(struct program *program)
{
    unsigned count = (unsigned)program->scope_count;
    if (count == 0 || percent(program, 8))
        return program->promise_count == 0 ? 0
                                           : (int)chance(program, (unsigned)program->promise_count);
    if (count > 4 && percent(program, 50))
        return program->scope[count - 1 - chance(program, 4)];
    return program->scope[chance(program, count)];
}

static inline struct value some_value(struct program *program, bool has_argument)
{
    static const uint8_t weights[] = {8, 2, 2, 10, 2};
    enum value_is is = (enum value_is)weighed(program, weights, has_argument ? 5 : 4);
    if (is == IS_PROMISE)
        return (struct value){is, some_promise(program)};
    return (struct value){is, (int)chance(program, is == IS_ERROR ? CODES : 100)};
}

/* Of the promises only plain ones: a promise that is held by its own reason is never freed. */
static inline struct value some_reason(struct program *program, bool has_argument)
{
    struct value value = some_value(program, has_argument);
    if (value.is != IS_PROMISE || program->plain[value.number])
        return value;
    for (int k = 0; k < program->promise_count; k++)
        if (program->plain[k])
            return (struct value){IS_PROMISE, k};
    return (struct value){IS_INT, value.number};
}

static inline int new_promise(struct program *program)
{
    if (program->promise_count == PROMISES)
        return NONE;
    program->scope[program->scope_count++] = program->promise_count;
    return program->promise_count++;
}

/* Mostly one whose settler is still of use. */
static inline int some_opened(struct program *program)
{
    int k = some_promise(program);
    for (int tries = 0; tries < 8 && (!program->opened[k] || (program->settled[k] && tries < 6));
         tries++)
        k = some_promise(program);
    return k;
}

static inline int some_block(struct program *program, unsigned depth, bool has_argument, int own,
                             bool makes);

static inline void some_inputs(struct program *program, struct statement *s, bool has_argument)
{
    s->n = percent(program, 6) ? 0 : 1 + (int)chance(program, INPUTS);
    bool plain = percent(program, 8);
    for (int i = 0; i < s->n; i++) {
        s->values[i] = some_value(program, has_argument);
        if (plain)
            s->values[i] = (struct value){IS_INT, i};
        else if (i != 0 && percent(program, 12))
            s->values[i] = s->values[i - 1];
    }
}

/* Often a settler follows another, and then the way is closed to a ring. */
static inline void some_settling(struct program *program, struct statement *s, bool has_argument)
{
    s->of = some_opened(program);
    program->settled[s->of] = true;
    s->values[0] = s->op == SETTLE_RESOLVE ? some_value(program, has_argument)
                                           : some_reason(program, has_argument);
    if (s->op == SETTLE_REJECT)
        return;
    int other = some_opened(program);
    if (program->follower != program->leader && percent(program, 45)) {
        s->of = program->leader;
        s->values[0] = (struct value){IS_PROMISE, program->follower};
        program->leader = program->follower;
    } else if (other != s->of && percent(program, 60)) {
        s->values[0] = (struct value){IS_PROMISE, other};
        if (program->leader != s->of)
            program->follower = s->of;
        program->leader = other;
    } else if (percent(program, 4)) {
        s->values[0] = (struct value){IS_PROMISE, s->of};
    }
}

/* Now and then a handler makes a promise that by then follows what the handler makes. */
static inline void some_handlers(struct program *program, struct statement *s, unsigned depth)
{
    if (s->op != THEN || percent(program, 85))
        s->blocks[0] = some_block(program, depth + 1, s->op != FINALLY, s->to, true);
    if (s->op == THEN && percent(program, 45))
        s->blocks[1] = some_block(program, depth + 1, true, s->to, true);
    int other = some_opened(program);
    if (s->to == NONE || s->blocks[0] == NONE || !program->opened[other] || percent(program, 85))
        return;
    program->blocks[s->blocks[0]].end = END_RETURN;
    program->blocks[s->blocks[0]].value = (struct value){IS_PROMISE, other};
    program->closer = other;
}

/* What a statement needs beside its kind; its number is known, so its blocks may use it. */
static inline void fill_statement(struct program *program, struct statement *s, unsigned depth,
                                  bool has_argument)
{
    s->of = some_promise(program);
    switch (s->op) {
    case RESOLVE:
        s->values[0] = some_value(program, has_argument);
        s->to = new_promise(program);
        if (s->to != NONE)
            program->plain[s->to] = s->values[0].is == IS_INT;
        break;
    case REJECT:
        s->values[0] = some_reason(program, has_argument);
        s->to = new_promise(program);
        break;
    case OPEN:
        s->to = new_promise(program);
        if (s->to != NONE)
            program->opened[s->to] = true;
        break;
    case ATTEMPT:
        s->blocks[0] = some_block(program, depth + 1, false, NONE, true);
        s->to = new_promise(program);
        break;
    case THEN:
    case CATCH:
    case FINALLY:
        s->to = percent(program, 90) ? new_promise(program) : NONE;
        some_handlers(program, s, depth);
        break;
    case SETTLE_RESOLVE:
    case SETTLE_REJECT:
        some_settling(program, s, has_argument);
        break;
    case ALL:
    case ALL_SETTLED:
    case ANY:
    case RACE:
        some_inputs(program, s, has_argument);
        s->to = new_promise(program);
        break;
    case MICROTASK:
    case TICK:
    case TIMER:
        s->n = 1 + (int)chance(program, 4);
        s->blocks[0] = some_block(program, depth + 1, false, NONE, false);
        break;
    case DROP:
    case OPS:
        break;
    }
}

/* A settler is of use only where something settles it: now, or from a block that runs later. */
static inline enum op some_op(struct program *program, unsigned depth)
{
    static const uint8_t weights[OPS] = {9, 7, 9, 3, 22, 7, 8, 10, 5, 4, 4, 4, 4, 5, 4, 4, 2};
    if (program->promise_count == 0)
        return (enum op)chance(program, 3);
    enum op op = (enum op)weighed(program, weights, OPS);
    while (depth == DEPTH && (op == ATTEMPT || (op >= MICROTASK && op <= TIMER)))
        op = (enum op)weighed(program, weights, OPS);
    return op;
}

static inline struct statement *new_statement(struct program *program, int block, enum op op)
{
    int at = program->statement_count++;
    program->statements[at] =
        (struct statement){.op = op, .next = NONE, .to = NONE, .of = NONE, .blocks = {NONE, NONE}};
    struct block *b = &program->blocks[block];
    if (b->last == NONE)
        b->first = at;
    else
        program->statements[b->last].next = at;
    b->last = at;
    return &program->statements[at];
}

static inline void some_statement(struct program *program, int block, unsigned depth)
{
    struct statement *s = new_statement(program, block, some_op(program, depth));
    fill_statement(program, s, depth, program->blocks[block].has_argument);
    if (program->closer == NONE)
        return;
    struct statement *close = new_statement(program, block, SETTLE_RESOLVE);
    close->of = program->closer;
    close->values[0] = (struct value){IS_PROMISE, s->to};
    program->closer = NONE;
}

static inline void some_end(struct program *program, struct block *b)
{
    static const uint8_t weights[] = {6, 9, 3, 2};
    b->end = (enum end)weighed(program, weights, 4);
    b->value = b->end == END_THROW ? some_reason(program, b->has_argument)
                                   : some_value(program, b->has_argument);
    if (b->end == END_THROW_CODE)
        b->value = (struct value){IS_ERROR, (int)chance(program, CODES)};
    else if (b->end == END_RETURN && b->own != NONE && percent(program, 6))
        b->value = (struct value){IS_PROMISE, b->own};
}

static inline int some_block(struct program *program, unsigned depth, bool has_argument, int own,
                             bool makes)
{
    int at = program->block_count++;
    struct block *b = &program->blocks[at];
    *b = (struct block){
        .first = NONE, .last = NONE, .own = own, .has_argument = has_argument, .makes = makes};
    int scope = program->scope_count;
    unsigned most = depth == 0 ? 14 : depth >= DEPTH ? 2 : 5;
    unsigned least = depth == 0 ? 3 : makes ? 0 : 1;
    for (unsigned n = least + chance(program, most); n != 0 && program->budget > 0; n--) {
        program->budget--;
        some_statement(program, at, depth);
    }
    if (makes)
        some_end(program, b);
    if (depth != 0)
        program->scope_count = scope;
    return at;
}

/* One in six programs does something in its reports. */
static inline void generate(struct program *program, uint64_t seed)
{
    memset(program, 0, sizeof *program);
    program->seed = seed;
    program->random = seed * UINT64_C(0xd1342543de82ef95);
    program->closer = NONE;
    program->budget = 6 + (int)chance(program, 34);
    some_block(program, 0, false, NONE, false);
    program->quiet = !percent(program, 17);
    for (int i = 0; i < REPORTS; i++) {
        program->reports[i] = program->reported[i] = NONE;
        if (program->quiet || percent(program, 30))
            continue;
        program->budget = 4;
        program->reported[i] = new_promise(program);
        program->reports[i] = some_block(program, DEPTH - 1, true, NONE, false);
    }
}

#endif
