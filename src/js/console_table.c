/* console.table: rows and columns in box drawing. */
#include <string.h>

#include "base/memory.h"
#include "js/errors.h"
#include "js/inspect.h"

/* A column: its heading, then one cell for each row. Rows without a value have an empty cell. */
struct column {
    mr__entries cells; /* the first is the heading */
    size_t width;
};

struct table {
    mr_js *js;
    JSContext *ctx;
    bool colors;
    struct column *columns;
    size_t count, cap;
    size_t rows;
};

static const char index_name[] = "(index)", iteration_name[] = "(iteration index)",
                  key_name[] = "Key", values_name[] = "Values";

/* ---- Building ---------------------------------------------------------------------------------*/

/* A new column whose cells above the current row are empty, at place `at`. */
static struct column *add_column(struct table *t, size_t at, const char *name, size_t len)
{
    if (t->count == t->cap) {
        size_t cap = t->cap < 8 ? 8 : t->cap * 2;
        struct column *columns = mr__realloc(t->columns, cap * sizeof(*columns));
        if (columns == NULL) {
            JS_ThrowOutOfMemory(t->ctx);
            return NULL;
        }
        t->columns = columns;
        t->cap = cap;
    }
    memmove(t->columns + at + 1, t->columns + at, (t->count - at) * sizeof(*t->columns));
    t->count++;
    struct column *column = &t->columns[at];
    *column = (struct column){0};
    mr__bytes_append(&column->cells.text, name, len);
    mr__entries_end(&column->cells);
    return column;
}

/* Give the column empty cells up to the given row. */
static void pad_column(struct column *column, size_t row)
{
    while (column->cells.count < row + 1 && !column->cells.text.failed)
        mr__entries_end(&column->cells);
}

static bool has_many_keys(struct table *t, JSValueConst value)
{
    JSPropertyEnum *names;
    uint32_t count;
    if (!JS_IsObject(value) || JS_IsArray(value) || JS_IsFunction(t->ctx, value) ||
        JS_IsProxy(value))
        return false;
    if (JS_GetOwnPropertyNames(t->ctx, &names, &count, value,
                               JS_GPN_STRING_MASK | JS_GPN_ENUM_ONLY) < 0) {
        mr__clear_exception(t->ctx);
        return false;
    }
    JS_FreePropertyEnum(t->ctx, names, count);
    return count > 2;
}

/* The next cell of a column. Objects show one level, large ones only their class. */
static int add_cell(struct table *t, struct column *column, JSValueConst value)
{
    mr__inspect_options options = mr__inspect_defaults;
    options.depth = has_many_keys(t, value) ? -1 : 0;
    options.max_array_length = 3;
    options.break_length = INT32_MAX;
    options.colors = t->colors;
    int result = mr__js_inspect(t->js, &column->cells.text, value, &options);
    mr__entries_end(&column->cells);
    return result;
}

static int number_cell(struct column *column, size_t number)
{
    mr__bytes_printf(&column->cells.text, "%zu", number);
    mr__entries_end(&column->cells);
    return 0;
}

/* ---- Maps, Sets, iterators --------------------------------------------------------------------*/

static int fill_from_items(struct table *t, const mr__items *items)
{
    size_t step = items->pairs ? 2 : 1;
    struct column *column = add_column(t, 0, iteration_name, sizeof(iteration_name) - 1);
    if (column == NULL)
        return -1;
    t->rows = items->count / step;
    for (size_t i = 0; i < t->rows; i++)
        number_cell(column, i);
    for (size_t part = 0; part < step; part++) {
        const char *name = step == 2 && part == 0 ? key_name : values_name;
        column = add_column(t, part + 1, name, strlen(name));
        for (size_t i = part; column != NULL && i < items->count; i += step) {
            if (add_cell(t, column, items->values[i]) < 0)
                return -1;
        }
        if (column == NULL)
            return -1;
    }
    return 0;
}

/* ---- Rows of anything else --------------------------------------------------------------------*/

static bool same_text(const char *text, size_t len, const char *other, size_t other_len)
{
    return len == other_len && memcmp(text, other, len) == 0;
}

/* The number that a key stands for if it is an array index, else -1. */
static double index_of(const char *name, size_t len)
{
    double number = 0;
    if (len == 0 || len > 10 || (name[0] == '0' && len > 1))
        return -1;
    for (size_t i = 0; i < len; i++) {
        if (name[i] < '0' || name[i] > '9')
            return -1;
        number = number * 10 + (name[i] - '0');
    }
    return number <= 4294967294.0 ? number : -1;
}

/* The column of a key; a new one goes to the end, or, for an index, behind the lower indices. */
static struct column *column_of(struct table *t, const char *name, size_t len)
{
    double index = index_of(name, len);
    size_t at = index < 0 ? t->count : 1;
    for (size_t i = 1; i < t->count; i++) {
        size_t other_len;
        const char *other = mr__entries_at(&t->columns[i].cells, 0, &other_len);
        if (same_text(name, len, other, other_len))
            return &t->columns[i];
        double other_index = index_of(other, other_len);
        if (index >= 0 && other_index >= 0 && other_index < index)
            at = i + 1;
    }
    return add_column(t, at, name, len);
}

/* One cell of a row: row[key] in the column of the key; empty where the row has no such own key. */
static int fill_field(struct table *t, JSValueConst row, JSAtom key, size_t number)
{
    size_t len;
    const char *name = JS_AtomToCStringLen(t->ctx, &len, key);
    struct column *column = name == NULL ? NULL : column_of(t, name, len);
    JS_FreeCString(t->ctx, name);
    if (column == NULL)
        return -1;
    pad_column(column, number);
    int own = 0;
    if (JS_IsObject(row))
        own = JS_GetOwnProperty(t->ctx, NULL, row, key);
    if (own <= 0)
        return own;
    JSValue value = JS_GetProperty(t->ctx, row, key);
    int result = JS_IsException(value) ? -1 : add_cell(t, column, value);
    JS_FreeValue(t->ctx, value);
    return result;
}

static int fill_row(struct table *t, JSValueConst row, const mr__keys *chosen, size_t number)
{
    JSPropertyEnum *names = NULL;
    uint32_t count = 0;
    int result = 0;
    if (chosen != NULL) {
        for (uint32_t i = 0; i < chosen->count && result >= 0; i++)
            result = fill_field(t, row, chosen->atoms[i], number);
        return result;
    }
    if (JS_GetOwnPropertyNames(t->ctx, &names, &count, row, JS_GPN_STRING_MASK | JS_GPN_ENUM_ONLY) <
        0)
        return -1;
    for (uint32_t i = 0; i < count && result >= 0; i++)
        result = fill_field(t, row, names[i].atom, number);
    JS_FreePropertyEnum(t->ctx, names, count);
    return result;
}

/* Each own property of data is a row; primitives go to a column of their own at the end. */
static int fill_from_object(struct table *t, JSValueConst data, const mr__keys *chosen)
{
    JSPropertyEnum *names;
    uint32_t count;
    struct column primitives = {0};
    bool has_primitives = false;
    if (add_column(t, 0, index_name, sizeof(index_name) - 1) == NULL)
        return -1;
    if (JS_GetOwnPropertyNames(t->ctx, &names, &count, data,
                               JS_GPN_STRING_MASK | JS_GPN_ENUM_ONLY) < 0)
        return -1;
    mr__bytes_str(&primitives.cells.text, values_name);
    mr__entries_end(&primitives.cells);
    int result = 0;
    for (uint32_t i = 0; i < count && result >= 0; i++) {
        size_t len;
        const char *name = JS_AtomToCStringLen(t->ctx, &len, names[i].atom);
        mr__bytes_append(&t->columns[0].cells.text, name, name == NULL ? 0 : len);
        mr__entries_end(&t->columns[0].cells);
        JS_FreeCString(t->ctx, name);
        JSValue row = JS_GetProperty(t->ctx, data, names[i].atom);
        if (JS_IsException(row)) {
            result = -1;
        } else if (!JS_IsObject(row) && chosen == NULL) {
            has_primitives = true;
            pad_column(&primitives, i);
            result = add_cell(t, &primitives, row);
        } else {
            result = fill_row(t, row, chosen, i);
        }
        JS_FreeValue(t->ctx, row);
    }
    JS_FreePropertyEnum(t->ctx, names, count);
    t->rows = count;
    struct column *last = has_primitives && result >= 0 ? add_column(t, t->count, "", 0) : NULL;
    if (last != NULL) {
        mr__entries_deinit(&last->cells);
        *last = primitives;
    } else {
        mr__entries_deinit(&primitives.cells);
    }
    return result < 0 ? -1 : 0;
}

/* ---- Drawing ----------------------------------------------------------------------------------*/

static void draw_rule(struct table *t, mr__bytes *out, const char *left, const char *middle,
                      const char *right)
{
    mr__bytes_str(out, left);
    for (size_t i = 0; i < t->count; i++) {
        if (i > 0)
            mr__bytes_str(out, middle);
        for (size_t k = 0; k < t->columns[i].width + 2; k++)
            mr__bytes_str(out, "\u2500");
    }
    mr__bytes_str(out, right);
}

static void draw_row(struct table *t, mr__bytes *out, size_t row)
{
    for (size_t i = 0; i < t->count; i++) {
        struct column *column = &t->columns[i];
        size_t len;
        const char *text = mr__entries_at(&column->cells, row, &len);
        mr__bytes_str(out, i == 0 ? "\u2502 " : " \u2502 ");
        mr__bytes_append(out, text, len);
        mr__bytes_fill(out, ' ', column->width - mr__text_columns(text, len, true));
    }
    mr__bytes_str(out, " \u2502\n");
}

static int draw(struct table *t, mr__bytes *out)
{
    for (size_t i = 0; i < t->count; i++) {
        struct column *column = &t->columns[i];
        pad_column(column, t->rows);
        if (mr__text_check(t->ctx, &column->cells.text) < 0)
            return -1;
        for (size_t row = 0; row <= t->rows; row++) {
            size_t len;
            const char *text = mr__entries_at(&column->cells, row, &len);
            size_t width = mr__text_columns(text, len, true);
            if (width > column->width)
                column->width = width;
        }
    }
    draw_rule(t, out, "\u250c", "\u252c", "\u2510\n");
    draw_row(t, out, 0);
    draw_rule(t, out, "\u251c", "\u253c", "\u2524\n");
    for (size_t row = 1; row <= t->rows; row++)
        draw_row(t, out, row);
    draw_rule(t, out, "\u2514", "\u2534", "\u2518");
    return mr__text_check(t->ctx, out);
}

/* ---- Entry ------------------------------------------------------------------------------------*/

/* The names of the chosen columns: 1, 0 when all are wanted, -1. */
static int read_chosen(mr_js *js, mr__keys *keys, JSValueConst columns)
{
    int64_t length;
    if (JS_IsUndefined(columns))
        return 0;
    if (!JS_IsArray(columns)) {
        mr__js_throw_arg_type(js->ctx, "properties", "an instance of Array", columns);
        return -1;
    }
    if (JS_GetLength(js->ctx, columns, &length) < 0)
        return -1;
    for (int64_t i = 0; i < length; i++) {
        JSValue name = JS_GetPropertyInt64(js->ctx, columns, i);
        JSAtom atom = JS_IsException(name) ? JS_ATOM_NULL : JS_ValueToAtom(js->ctx, name);
        int added = atom == JS_ATOM_NULL ? -1 : mr__keys_add(js->ctx, keys, atom, false);
        JS_FreeAtom(js->ctx, atom);
        JS_FreeValue(js->ctx, name);
        if (added < 0)
            return -1;
    }
    return 1;
}

static bool is_collection(mr_js *js, JSValueConst data)
{
    enum mr__kind kind = mr__kind_of(js, data);
    return JS_IsMap(data) || JS_IsSet(data) || kind == MR__KIND_MAP_ITERATOR ||
           kind == MR__KIND_SET_ITERATOR;
}

int mr__console_table(mr_js *js, mr__bytes *out, JSValueConst data, JSValueConst columns,
                      bool colors)
{
    if (!JS_IsObject(data) || JS_IsFunction(js->ctx, data))
        return 0;
    struct table table = {.js = js, .ctx = js->ctx, .colors = colors};
    mr__keys chosen = {0};
    mr__items items = {0};
    int result = read_chosen(js, &chosen, columns);
    const mr__keys *wanted = result > 0 ? &chosen : NULL;
    if (result >= 0 && is_collection(js, data)) {
        result = mr__items_read(js, &items, data, UINT64_MAX);
        if (result >= 0)
            result = fill_from_items(&table, &items);
    } else if (result >= 0) {
        result = fill_from_object(&table, data, wanted);
    }
    if (result >= 0)
        result = draw(&table, out);
    for (size_t i = 0; i < table.count; i++)
        mr__entries_deinit(&table.columns[i].cells);
    mr__free(table.columns);
    mr__items_deinit(js, &items);
    mr__keys_deinit(js->ctx, &chosen);
    return result < 0 ? -1 : 1;
}
