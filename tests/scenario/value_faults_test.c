/* Scenario K4 for values, errors, events and the clock; see faults.h. */
#include "faults.h"

static mr_error *an_error;
static mr_value an_item; /* one, shared: its references must add up */
static unsigned items_released;
static mr_event_target *target;
static mr_listener a_listener;
static mr_perf *perf;

static void stage_clear(void)
{
    mr_error_unref(an_error);
    mr_event_target_unref(target);
    mr_perf_destroy(perf);
    bool had_item = an_item.kind == MR_VALUE_CUSTOM;
    mr_value_release(an_item);
    EXPECT(items_released == had_item);
    an_error = NULL;
    an_item = mr_value_undefined();
    items_released = 0;
    target = NULL;
    perf = NULL;
}

/* ---- value.h, error.h ---- */

static const char long_text[] = "longer than the fourteen bytes that stand inside";

static void release_called(void *arg)
{
    called[(uintptr_t)arg] = true;
}

static void release_item(void *object)
{
    EXPECT(object == &an_item);
    items_released++;
}

static const mr_custom_type custom_type = {.name = "custom", .release = release_called};
static const mr_custom_type item_type = {.name = "item", .release = release_item};
static const mr_value marked = {.kind = MR_VALUE_CUSTOM}; /* no call gives such a one */

static void one_item(void)
{
    EXPECT(mr_value_custom(&item_type, &an_item, &an_item) == 0);
}

/* As written(), for a value, which is then released. */
static mr_status written_value(mr_status status, mr_value value)
{
    EXPECT((status == 0) == (value.kind != marked.kind || value.as.pointer != NULL));
    if (status == 0)
        mr_value_release(value);
    return status;
}

static mr_status do_value_bytes(void)
{
    mr_value value = marked;
    size_t len = 0;
    mr_status status = mr_value_bytes(long_text, sizeof long_text, &value);
    if (status == 0) {
        EXPECT(strcmp(mr_value_as_bytes(&value, &len), long_text) == 0 && len == sizeof long_text);
        EXPECT(mr_value_as_text(&value, NULL) == NULL);
        mr_value_release(mr_value_ref(value));
    }
    return written_value(status, value);
}

static mr_status do_value_text(void)
{
    mr_value value = marked;
    size_t len = 0;
    mr_status status = mr_value_text(long_text, sizeof long_text, &value);
    if (status == 0)
        EXPECT(strcmp(mr_value_as_text(&value, &len), long_text) == 0 && len == sizeof long_text);
    return written_value(status, value);
}

static mr_status do_value_array(void)
{
    mr_value items[2] = {mr_value_ref(an_item), mr_value_null()}, value = marked;
    mr_status status = mr_value_array(items, 2, &value);
    EXPECT((status == 0) == (mr_value_as_array(value, NULL) != NULL));
    if (status != 0)
        mr_value_release(items[0]); /* still the caller's */
    return written_value(status, value);
}

static mr_status do_value_custom(void)
{
    mr_value value = marked;
    return written_value(mr_value_custom(&custom_type, arg_of_attempt(), &value), value);
}

static mr_status do_value_look(void)
{
    mr_value value = mr_value_ref(mr_value_int(1));
    bool boolean;
    int64_t integer;
    double number;
    EXPECT(!mr_value_is_bound(value) && !mr_value_as_bool(value, &boolean));
    uint64_t unsigned_integer;
    EXPECT(mr_value_as_int(value, &integer) && mr_value_as_double(value, &number));
    EXPECT(mr_value_as_uint(value, &unsigned_integer));
    EXPECT(mr_value_as_pointer(value) == NULL && mr_value_as_bytes(&value, NULL) == NULL);
    EXPECT(mr_value_as_text(&value, NULL) == NULL);
    EXPECT(mr_value_as_array(value, NULL) == NULL && mr_value_as_error(value) == NULL);
    EXPECT(mr_value_as_promise(value) == NULL && mr_value_as_custom(value, &custom_type) == NULL);
    mr_value_release(value);
    return 0;
}

static mr_status make_error(const mr_error_spec *spec, mr_error **out_error)
{
    *out_error = (mr_error *)(uintptr_t)untouched;
    mr_status status = mr_error_create(spec, out_error);
    EXPECT((status == 0) == ((uintptr_t)*out_error != untouched));
    return status;
}

static mr_status do_error_create(void)
{
    mr_error *cause, *error;
    const mr_error_spec of_cause = {.size_bytes = sizeof of_cause, .code = MR_EIO};
    mr_status status = make_error(&of_cause, &cause);
    if (status != 0)
        return status;
    const mr_error_context context = {"key", long_text};
    const mr_error_spec spec = {.size_bytes = sizeof spec,
                                .code = MR_EAGGREGATE,
                                .message = long_text,
                                .cause = cause,
                                .context = &context,
                                .context_n = 1,
                                .members = &an_item,
                                .member_n = 1};
    status = make_error(&spec, &error);
    mr_error_unref(cause);
    if (status == 0)
        mr_error_unref(error);
    return status;
}

static void one_error(void)
{
    const mr_error_context context = {"key", long_text};
    const mr_error_spec spec = {.size_bytes = sizeof spec,
                                .code = MR_EIO,
                                .message = long_text,
                                .context = &context,
                                .context_n = 1,
                                .members = &an_item,
                                .member_n = 1};
    one_item();
    EXPECT(make_error(&spec, &an_error) == 0);
}

static mr_status do_error_look(void)
{
    mr_error *error = mr_error_ref(an_error);
    EXPECT(mr_error_code(error) == MR_EIO && !mr_error_is_temporary(error));
    EXPECT(strcmp(mr_error_message(error), long_text) == 0 && strlen(mr_error_id(error)) == 36);
    EXPECT(mr_error_cause(error) == NULL && mr_error_find(error, MR_EIO) == error);
    EXPECT(mr_error_context_count(error) == 1);
    EXPECT(strcmp(mr_error_context_at(error, 0).text, long_text) == 0);
    EXPECT(strcmp(mr_error_context_text(error, "key"), long_text) == 0);
    EXPECT(mr_error_member_count(error) == 1);
    EXPECT(mr_value_as_custom(mr_error_member_at(error, 0), &item_type) == &an_item);
    EXPECT(mr_error_member_at(error, 1).kind == MR_VALUE_UNDEFINED);
    mr_error_unref(error);
    return 0;
}

/* ---- event.h ---- */

static mr_status do_event_target_create(void)
{
    mr_event_target *out = (mr_event_target *)(uintptr_t)untouched;
    mr_status status = mr_event_target_create(loop, &out);
    EXPECT((status == 0) == ((uintptr_t)out != untouched));
    if (status != 0)
        return status;
    mr_event_target_unref(mr_event_target_ref(out));
    mr_event_target_unref(out);
    return 0;
}

static void one_target(void)
{
    EXPECT(mr_event_target_create(loop, &target) == 0);
}

static void on_dispatch(mr_event_target *of, mr_event *event, void *arg)
{
    EXPECT(of == target && event != NULL && arg != NULL);
}

static mr_status add_listener(const char *type)
{
    mr_listener out = {untouched};
    const mr_listen_options options = {.size_bytes = sizeof options, .release = release_called};
    size_t before = mr_event_target_count(target, NULL);
    mr_status status =
        mr_event_target_add(target, type, on_dispatch, arg_of_attempt(), &options, &out);
    EXPECT(mr_event_target_count(target, NULL) == before + (status == 0));
    return written(status, &out.id);
}

static mr_status do_event_target_add(void)
{
    return add_listener("same");
}

static mr_status do_event_target_add_types(void)
{
    char type[] = {(char)('a' + attempt), '\0'};
    return add_listener(type);
}

static void some_listeners(void)
{
    one_target();
    for (attempt = WARM_MOST; attempt > 0; attempt--)
        EXPECT(mr_event_target_add(target, "type", on_dispatch, arg_of_attempt(), NULL,
                                   &a_listener) == 0);
}

static mr_status do_event_target_remove(void)
{
    return mr_event_target_remove(target, a_listener);
}

static mr_status do_event_target_clear(void)
{
    mr_status status = mr_event_target_clear(target, "type");
    EXPECT(mr_event_target_count(target, NULL) == 0);
    return status;
}

static mr_status do_event(void)
{
    mr_event *event = (mr_event *)(uintptr_t)untouched;
    bool allowed = true;
    mr_status status = mr_event_create(loop, "type", mr_value_null(), MR_EVENT_CANCELABLE, &event);
    EXPECT((status == 0) == ((uintptr_t)event != untouched));
    if (status != 0)
        return status;
    EXPECT(strcmp(mr_event_type(event), "type") == 0 && mr_event_time(event) != 0);
    EXPECT(mr_event_detail(event).kind == MR_VALUE_NULL);
    EXPECT(mr_event_prevent(event) == 0 && mr_event_stop(event) == 0);
    EXPECT(mr_event_target_dispatch(target, event, &allowed) == 0 && !allowed);
    EXPECT(mr_event_flags(event) == (MR_EVENT_CANCELABLE | MR_EVENT_PREVENTED));
    EXPECT(mr_event_target_dispatch(target, event, NULL) == 0);
    mr_event_unref(mr_event_ref(event));
    mr_event_unref(event);
    return 0;
}

/* ---- perf.h ---- */

static mr_status do_perf_create(void)
{
    mr_perf *out = (mr_perf *)(uintptr_t)untouched;
    mr_status status = mr_perf_create(loop, &out);
    EXPECT((status == 0) == ((uintptr_t)out != untouched));
    if (status == 0)
        mr_perf_destroy(out);
    return status;
}

static void one_perf(void)
{
    EXPECT(mr_perf_create(loop, &perf) == 0);
}

static size_t entries_now(void)
{
    size_t n = 0;
    EXPECT(mr_perf_list(perf, MR_PERF_ANY, NULL, NULL, 0, &n) == 0);
    return n;
}

/* One entry more exactly by success; names so many that each growth of the tables is met. */
static mr_status make_entries(bool marks)
{
    for (unsigned i = 0; i < 10; i++) {
        size_t before = entries_now();
        mr_perf_entry *entry = (mr_perf_entry *)(uintptr_t)untouched;
        mr_value detail = mr_value_pointer(&before);
        char name[] = {(char)('a' + i), (char)('a' + attempt), '\0'};
        mr_status status = marks ? mr_perf_mark(perf, name, detail, &entry)
                                 : mr_perf_measure(perf, name, NULL, NULL, detail, &entry);
        EXPECT((status == 0) == ((uintptr_t)entry != untouched));
        EXPECT(entries_now() == before + (status == 0));
        if (status != 0)
            return status;
        EXPECT(strcmp(mr_perf_entry_name(entry), name) == 0 && mr_perf_entry_duration(entry) >= 0);
        EXPECT(mr_perf_entry_kind(entry) == (marks ? MR_PERF_MARK : MR_PERF_MEASURE));
        EXPECT(mr_perf_entry_start(entry) <= mr_perf_now(perf));
        EXPECT(mr_value_as_pointer(mr_perf_entry_detail(entry)) == &before);
        mr_perf_entry_unref(mr_perf_entry_ref(entry));
        mr_perf_entry_unref(entry);
    }
    return 0;
}

static mr_status do_perf_mark(void)
{
    return make_entries(true);
}

static mr_status do_perf_measure(void)
{
    return make_entries(false);
}

static void some_entries(void)
{
    one_perf();
    EXPECT(do_perf_mark() == 0 && do_perf_measure() == 0);
}

static mr_status do_perf_look(void)
{
    mr_perf_entry *entries[20];
    size_t n = 0;
    EXPECT(mr_perf_time_origin(perf) != 0 && mr_perf_dropped(perf) == 0);
    mr_status status = mr_perf_list(perf, MR_PERF_ANY, NULL, entries, COUNT_OF(entries), &n);
    EXPECT(n == COUNT_OF(entries));
    return status;
}

static mr_status do_perf_clear(void)
{
    mr_status status = mr_perf_clear(perf, MR_PERF_ANY, NULL);
    EXPECT(entries_now() == 0);
    return status;
}

/* ---- the table ---- */

static const row rows[] = {
    {"mr_value_bytes", do_value_bytes, NULL, REPEATS, {MR_ENOMEM}},
    {"mr_value_text", do_value_text, NULL, REPEATS, {MR_ENOMEM}},
    {"mr_value_array", do_value_array, one_item, REPEATS, {MR_ENOMEM}},
    {"mr_value_custom", do_value_custom, NULL, REPEATS, {MR_ENOMEM}},
    {"mr_value_ref mr_value_release mr_value_is_bound mr_value_as_bool mr_value_as_int "
     "mr_value_as_uint "
     "mr_value_as_double mr_value_as_pointer mr_value_as_bytes mr_value_as_text "
     "mr_value_as_array mr_value_as_error mr_value_as_promise mr_value_as_custom",
     do_value_look,
     NULL,
     REPEATS,
     {0}},
    {"mr_error_create", do_error_create, one_item, REPEATS, {MR_ENOMEM}},
    {"mr_error_ref mr_error_unref mr_error_code mr_error_message mr_error_cause "
     "mr_error_is_temporary mr_error_id mr_error_context_count mr_error_context_at "
     "mr_error_context_text mr_error_member_count mr_error_member_at mr_error_find",
     do_error_look,
     one_error,
     REPEATS,
     {0}},
    {"mr_event_target_create mr_event_target_ref mr_event_target_unref",
     do_event_target_create,
     NULL,
     REPEATS,
     {MR_ENOMEM}},
    {"mr_event_target_add", do_event_target_add, one_target, REPEATS, {MR_ENOMEM}},
    {"mr_event_target_add", do_event_target_add_types, one_target, REPEATS, {MR_ENOMEM}},
    {"mr_event_target_remove", do_event_target_remove, some_listeners, 0, {0}},
    {"mr_event_target_clear mr_event_target_count",
     do_event_target_clear,
     some_listeners,
     REPEATS,
     {0}},
    {"mr_event_create mr_event_ref mr_event_unref mr_event_type mr_event_detail mr_event_time "
     "mr_event_flags mr_event_prevent mr_event_stop mr_event_target_dispatch",
     do_event,
     some_listeners,
     REPEATS,
     {MR_ENOMEM}},
    {"mr_perf_create mr_perf_destroy", do_perf_create, NULL, REPEATS, {MR_ENOMEM}},
    {"mr_perf_mark mr_perf_entry_ref mr_perf_entry_unref mr_perf_entry_kind mr_perf_entry_name "
     "mr_perf_entry_start mr_perf_entry_duration mr_perf_entry_detail",
     do_perf_mark,
     one_perf,
     REPEATS,
     {MR_ENOMEM}},
    {"mr_perf_measure", do_perf_measure, one_perf, REPEATS, {MR_ENOMEM}},
    {"mr_perf_list mr_perf_now mr_perf_time_origin mr_perf_dropped",
     do_perf_look,
     some_entries,
     REPEATS,
     {0}},
    {"mr_perf_clear", do_perf_clear, some_entries, REPEATS, {0}},
};

static void K4_each_failed_allocation_leaves_values_and_events_as_they_were(void **state)
{
    (void)state;
    assert_true(every_n(&of_memory, rows, COUNT_OF(rows)) > 50);
}

static void K4_each_failed_system_call_leaves_values_and_events_as_they_were(void **state)
{
    (void)state;
    assert_true(every_n(&of_system, rows, COUNT_OF(rows)) != 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENARIO(K4_each_failed_allocation_leaves_values_and_events_as_they_were),
        SCENARIO(K4_each_failed_system_call_leaves_values_and_events_as_they_were),
    };
    return RUN_SCENARIOS(tests);
}
