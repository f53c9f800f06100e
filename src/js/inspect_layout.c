/* How the entries of an object are joined: on one line, in columns, or one a line. */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "js/inspect.h"

/* ---- The list of entries ----------------------------------------------------------------------*/

void mr__entries_end(mr__entries *entries)
{
    if (entries->count == entries->cap) {
        size_t cap = entries->cap < 8 ? 8 : entries->cap * 2;
        size_t *ends = mr__realloc(entries->ends, cap * sizeof(*ends));
        if (ends == NULL) {
            entries->text.failed = true;
            return;
        }
        entries->ends = ends;
        entries->cap = cap;
    }
    entries->ends[entries->count++] = entries->text.len;
}

const char *mr__entries_at(const mr__entries *entries, size_t i, size_t *out_len)
{
    size_t start = i == 0 ? 0 : entries->ends[i - 1];
    *out_len = entries->ends[i] - start;
    return *out_len == 0 ? "" : entries->text.data + start;
}

void mr__entries_deinit(mr__entries *entries)
{
    mr__bytes_deinit(&entries->text);
    mr__free(entries->ends);
    *entries = (mr__entries){0};
}

/* ---- Sorting ----------------------------------------------------------------------------------*/

/* Whether entry a comes after entry b: 1, 0, or -1 with an exception. */
static int comes_after(mr__inspector *in, const mr__entries *entries, size_t a, size_t b)
{
    size_t a_len, b_len;
    const char *a_text = mr__entries_at(entries, a, &a_len);
    const char *b_text = mr__entries_at(entries, b, &b_len);
    if (!JS_IsFunction(in->ctx, in->comparator))
        return mr__text_compare(a_text, a_len, b_text, b_len) > 0;
    JSValue argv[2] = {JS_NewStringLen(in->ctx, a_text, a_len),
                       JS_NewStringLen(in->ctx, b_text, b_len)};
    JSValue answer = mr__inspect_call(in, in->comparator, JS_UNDEFINED, 2, argv);
    JS_FreeValue(in->ctx, argv[0]);
    JS_FreeValue(in->ctx, argv[1]);
    double order = 0;
    int result = JS_IsException(answer) ? -1 : JS_ToFloat64(in->ctx, &order, answer);
    JS_FreeValue(in->ctx, answer);
    return result < 0 ? -1 : order > 0;
}

/* Merge the sorted halves [low, middle) and [middle, high) of order. */
static int merge(mr__inspector *in, const mr__entries *entries, size_t *order, size_t *scratch,
                 size_t low, size_t high)
{
    if (high - low < 2)
        return 0;
    size_t middle = low + (high - low) / 2;
    if (merge(in, entries, order, scratch, low, middle) < 0 ||
        merge(in, entries, order, scratch, middle, high) < 0)
        return -1;
    size_t a = low, b = middle, n = low;
    while (a < middle && b < high) {
        int after = comes_after(in, entries, order[a], order[b]);
        if (after < 0)
            return -1;
        scratch[n++] = after ? order[b++] : order[a++];
    }
    while (a < middle)
        scratch[n++] = order[a++];
    while (b < high)
        scratch[n++] = order[b++];
    memcpy(order + low, scratch + low, (high - low) * sizeof(*order));
    return 0;
}

int mr__entries_sort(mr__inspector *in, mr__entries *entries, size_t from)
{
    size_t count = entries->count;
    if (count - from < 2 || entries->text.failed)
        return mr__text_check(in->ctx, &entries->text);
    size_t *order = mr__alloc(2 * count * sizeof(*order));
    if (order == NULL)
        return mr__text_check(in->ctx, &(mr__bytes){.failed = true});
    for (size_t i = 0; i < count; i++)
        order[i] = i;
    int result = merge(in, entries, order, order + count, from, count);
    mr__entries sorted = {0};
    for (size_t i = 0; result == 0 && i < count; i++) {
        size_t len;
        const char *text = mr__entries_at(entries, order[i], &len);
        mr__bytes_append(&sorted.text, text, len);
        mr__entries_end(&sorted);
    }
    mr__free(order);
    mr__entries_deinit(entries);
    *entries = sorted;
    return result;
}

/* ---- Columns ----------------------------------------------------------------------------------*/

enum {
    GAP = 2, /* between two columns: a comma and a space */
    COLUMNS_MAX = 15
};

struct grid {
    size_t *widths;     /* columns of each entry */
    size_t *max_widths; /* of each column, gap included */
    size_t cells;       /* entries in the grid: all but the `more items` one */
    size_t columns;
    bool right; /* numbers: padded in front */
};

/* How many columns suit the entries; 0: none. Wide entries weigh less than their number, so that
 * one long entry does not force a single column. */
static size_t grid_columns(const mr__inspector *in, struct grid *grid, const mr__entries *entries)
{
    size_t total = 0, longest = 0;
    for (size_t i = 0; i < grid->cells; i++) {
        size_t len;
        const char *text = mr__entries_at(entries, i, &len);
        grid->widths[i] = mr__text_columns(text, len, in->options.colors);
        total += grid->widths[i] + GAP;
        if (grid->widths[i] > longest)
            longest = grid->widths[i];
    }
    double width = (double)(longest + GAP), line = in->options.break_length;
    double indentation = (double)in->indentation;
    if (width * 3 + indentation >= line || ((double)total / width <= 5 && longest > 6))
        return 0;
    double bias = sqrt(width - (double)total / (double)entries->count);
    double biased = fmax(width - 3 - bias, 1);
    double columns = round(sqrt(2.5 * biased * (double)grid->cells) / biased);
    columns = fmin(columns, floor((line - indentation) / width));
    columns = fmin(columns, fmin((double)in->options.compact * 4, COLUMNS_MAX));
    return columns <= 1 ? 0 : (size_t)columns;
}

static bool all_numbers(mr__inspector *in, JSValueConst value, size_t count)
{
    if (!JS_IsObject(value))
        return false;
    for (uint32_t i = 0; i < count; i++) {
        JSAtom atom = JS_NewAtomUInt32(in->ctx, i);
        JSValue item = mr__data_own(in->js, value, atom);
        bool number = JS_IsNumber(item) || JS_IsBigInt(item);
        JS_FreeValue(in->ctx, item);
        JS_FreeAtom(in->ctx, atom);
        if (!number)
            return false;
    }
    return true;
}

static void grid_row(mr__entries *out, const struct grid *grid, const mr__entries *entries,
                     size_t start)
{
    size_t end = start + grid->columns < grid->cells ? start + grid->columns : grid->cells;
    for (size_t i = start; i < end; i++) {
        size_t len, padding = grid->max_widths[i - start] - GAP - grid->widths[i];
        const char *text = mr__entries_at(entries, i, &len);
        if (grid->right)
            mr__bytes_fill(&out->text, ' ', padding);
        mr__bytes_append(&out->text, text, len);
        if (i + 1 < end) {
            mr__bytes_str(&out->text, ", ");
            if (!grid->right)
                mr__bytes_fill(&out->text, ' ', padding);
        }
    }
    mr__entries_end(out);
}

static void grid_fill(const mr__inspector *in, struct grid *grid, mr__entries *entries)
{
    for (size_t c = 0; c < grid->columns; c++) {
        size_t widest = 0;
        for (size_t i = c; i < grid->cells; i += grid->columns) {
            if (grid->widths[i] > widest)
                widest = grid->widths[i];
        }
        grid->max_widths[c] = widest + GAP;
    }
    mr__entries rows = {0};
    for (size_t i = 0; i < grid->cells; i += grid->columns)
        grid_row(&rows, grid, entries, i);
    if ((size_t)in->options.max_array_length < entries->count) {
        size_t len;
        const char *text = mr__entries_at(entries, grid->cells, &len);
        mr__bytes_append(&rows.text, text, len);
        mr__entries_end(&rows);
    }
    rows.text.failed |= entries->text.failed;
    mr__entries_deinit(entries);
    *entries = rows;
}

/* Turn more than six entries of an array into rows, if columns suit them. */
static int group_entries(mr__inspector *in, mr__entries *entries, JSValueConst value)
{
    struct grid grid = {.cells = entries->count};
    if ((size_t)in->options.max_array_length < entries->count)
        grid.cells--;
    grid.widths = mr__alloc((entries->count + COLUMNS_MAX) * sizeof(size_t));
    if (grid.widths == NULL)
        return mr__text_check(in->ctx, &(mr__bytes){.failed = true});
    grid.max_widths = grid.widths + entries->count;
    grid.columns = grid_columns(in, &grid, entries);
    if (grid.columns > 0) {
        grid.right = all_numbers(in, value, entries->count);
        grid_fill(in, &grid, entries);
    }
    mr__free(grid.widths);
    return mr__text_check(in->ctx, &entries->text);
}

/* ---- Lines ------------------------------------------------------------------------------------*/

static size_t units_of(const mr__bytes *bytes)
{
    return bytes == NULL || bytes->len == 0 ? 0 : mr__text_units(bytes->data, bytes->len, false);
}

static bool has_newline(const mr__bytes *bytes)
{
    return bytes != NULL && bytes->len > 0 && memchr(bytes->data, '\n', bytes->len) != NULL;
}

/* Whether the entries, with separators and `start` other characters, stay within the line. */
static bool fits(const mr__inspector *in, const mr__entries *entries, size_t start,
                 const mr__bytes *base)
{
    size_t limit = (size_t)in->options.break_length, total = entries->count + start;
    for (size_t i = 0; i < entries->count && total <= limit; i++) {
        size_t len;
        const char *text = mr__entries_at(entries, i, &len);
        total += mr__text_units(text, len, in->options.colors);
    }
    return total <= limit && !has_newline(base);
}

static void append_bytes(mr__bytes *out, const mr__bytes *bytes)
{
    if (bytes != NULL)
        mr__bytes_append(out, bytes->data, bytes->len);
}

static void append_joined(mr__bytes *out, const mr__entries *entries, bool broken,
                          size_t indentation)
{
    for (size_t i = 0; i < entries->count; i++) {
        size_t len;
        const char *text = mr__entries_at(entries, i, &len);
        if (i > 0)
            mr__bytes_str(out, broken ? ",\n" : ", ");
        if (i > 0 && broken)
            mr__bytes_fill(out, ' ', indentation);
        mr__bytes_append(out, text, len);
    }
}

/* compact: a number. Up to that many inner levels share a line if they fit. */
static void lay_out(mr__inspector *in, mr__bytes *out, const mr__entries *entries,
                    const mr__frame *frame, bool may_join)
{
    bool based = frame->base != NULL && frame->base->len > 0;
    if (based) {
        append_bytes(out, frame->base);
        mr__bytes_char(out, ' ');
    }
    append_bytes(out, frame->open);
    size_t start =
        entries->count + in->indentation + units_of(frame->open) + units_of(frame->base) + 10;
    bool one_line =
        may_join && fits(in, entries, start, frame->base) && !has_newline(&entries->text);
    if (one_line) {
        mr__bytes_char(out, ' ');
        append_joined(out, entries, false, 0);
        mr__bytes_char(out, ' ');
    } else {
        mr__bytes_char(out, '\n');
        mr__bytes_fill(out, ' ', in->indentation + 2);
        append_joined(out, entries, true, in->indentation + 2);
        mr__bytes_char(out, '\n');
        mr__bytes_fill(out, ' ', in->indentation);
    }
    mr__bytes_str(out, frame->close);
}

/* compact: true. Entries line up behind the opening brace. */
static void lay_out_compact(mr__inspector *in, mr__bytes *out, const mr__entries *entries,
                            const mr__frame *frame)
{
    bool based = frame->base != NULL && frame->base->len > 0;
    bool one_line = fits(in, entries, 0, frame->base);
    append_bytes(out, frame->open);
    if (based) {
        mr__bytes_char(out, ' ');
        append_bytes(out, frame->base);
    }
    if (one_line || (!based && units_of(frame->open) == 1)) {
        mr__bytes_char(out, ' ');
    } else {
        mr__bytes_char(out, '\n');
        mr__bytes_fill(out, ' ', in->indentation + 2);
    }
    append_joined(out, entries, !one_line, in->indentation + 2);
    mr__bytes_char(out, ' ');
    mr__bytes_str(out, frame->close);
}

int mr__layout(mr__inspector *in, mr__bytes *out, mr__entries *entries, const mr__frame *frame)
{
    if (mr__text_check(in->ctx, &entries->text) < 0)
        return -1;
    if (in->options.compact == MR__COMPACT_TRUE) {
        lay_out_compact(in, out, entries, frame);
        return 0;
    }
    bool may_join = false;
    if (in->options.compact >= 1) {
        size_t count = entries->count;
        if (frame->list && count > 6 && group_entries(in, entries, frame->value) < 0)
            return -1;
        may_join =
            in->current_depth - frame->depth < in->options.compact && count == entries->count;
    }
    lay_out(in, out, entries, frame, may_join);
    return 0;
}
