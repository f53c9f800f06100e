#include <millrace/status.h>

typedef struct status_row {
    mr_status number;
    const char *name, *text, *js_class;
} status_row;

static const status_row rows[] = {{MR_OK, "MR_OK", "success", "Error"},
#define STATUS_ROW(name, number, js_class, sentence) {number, "MR_" #name, sentence, #js_class},
                                  MR_STATUS_LIST(STATUS_ROW)
#undef STATUS_ROW
};
static const status_row unknown = {1, "MR_UNKNOWN", "unknown status", "Error"};

/* Numbers run from 0 downwards without a gap, so a row's place is its number: the test checks. */
static const status_row *find(mr_status status)
{
    if (status > 0 || status <= -(mr_status)(sizeof rows / sizeof rows[0]))
        return &unknown;
    return &rows[-status];
}

const char *mr_status_name(mr_status status)
{
    return find(status)->name;
}

const char *mr_status_text(mr_status status)
{
    return find(status)->text;
}

const char *mr_status_js_class(mr_status status)
{
    return find(status)->js_class;
}
