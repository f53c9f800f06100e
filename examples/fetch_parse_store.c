/* Three steps that may fail, the first and the last of them blocking: a file is read on a pool, its
 * digits are added up, the sum is written on the pool. One handler for what goes wrong in any. */
#include <ctype.h>
#include <millrace/millrace.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static mr_loop *loop;
static mr_pool *pool;
static int stored, failed;

static mr_status write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    if (file == NULL)
        return MR_EIO;
    int written = fputs(text, file);
    return fclose(file) == 0 && written >= 0 ? MR_OK : MR_EIO;
}

/* ---- on threads of the pool ---- */

static mr_status fetch(mr_job *job, void *path, mr_value *out_value)
{
    char text[64];
    (void)job;
    FILE *file = fopen(path, "r");
    if (file == NULL)
        return MR_ENOENT; /* the reason will be an error of that code */
    size_t len = fread(text, 1, sizeof text, file);
    mr_status status = ferror(file) ? MR_EIO : mr_value_text(text, len, out_value);
    fclose(file);
    return status;
}

static mr_status store(mr_job *job, void *text, mr_value *out_value)
{
    (void)job, (void)out_value;
    return write_file("sum", text);
}

/* ---- on the owner, as microtasks ---- */

/* A reason that says more than the sentence of its code. */
static mr_status complain(mr_value *out_value)
{
    mr_error *error;
    mr_error_spec spec = {.size_bytes = sizeof spec, .code = MR_EINVAL, .message = "not a digit"};
    if (mr_error_create(&spec, &error) == MR_OK)
        *out_value = mr_value_error(error); /* the reference passes to the value */
    return MR_EINVAL;
}

/* text is lent until this returns; what it makes is owned, and passes to the promise. */
static mr_status parse(mr_value text, void *arg, mr_value *out_value)
{
    size_t len;
    char sum_text[24];
    long sum = 0;
    const char *digits = mr_value_as_text(&text, &len);
    (void)arg;
    for (size_t i = 0; i < len; sum += digits[i++] - '0')
        if (!isdigit((unsigned char)digits[i]))
            return complain(out_value);
    int sum_len = snprintf(sum_text, sizeof sum_text, "%ld", sum);
    return mr_value_text(sum_text, (size_t)sum_len, out_value);
}

/* Gives a promise: what follows waits for it. */
static mr_status start_store(mr_value sum, void *arg, mr_value *out_value)
{
    size_t len;
    mr_promise *promise;
    const char *digits = mr_value_as_text(&sum, &len);
    char *text = strndup(digits, len);
    mr_offload_spec spec = {.size_bytes = sizeof spec, .fn = store, .arg = text, .release = free};
    (void)arg;
    if (text == NULL)
        return MR_ENOMEM;
    mr_status status = mr_offload(loop, pool, &spec, &promise, NULL);
    if (status == MR_OK)
        *out_value = mr_value_promise(promise);
    else
        free(text); /* a call that fails leaves its argument to us */
    return status;
}

static mr_status say_stored(mr_value value, void *path, mr_value *out_value)
{
    (void)value, (void)out_value;
    stored++;
    printf("%s: stored\n", (char *)path);
    return MR_OK;
}

static mr_status say_error(mr_value reason, void *path, mr_value *out_value)
{
    (void)out_value;
    failed++;
    printf("%s: %s\n", (char *)path, mr_error_message(mr_value_as_error(reason)));
    return MR_OK; /* handled */
}

/* One more link: *promise is exchanged for its child, so that one reference is ours at any time. */
static mr_status link_to(mr_promise **promise, mr_reaction reaction)
{
    mr_promise *child;
    mr_status status = mr_promise_then(*promise, &reaction, &child);
    if (status != MR_OK)
        return status;
    mr_promise_unref(*promise); /* with a reaction it lives until it settles */
    *promise = child;
    return MR_OK;
}

static mr_status start(char *path)
{
    mr_promise *promise;
    mr_offload_spec spec = {.size_bytes = sizeof spec, .fn = fetch, .arg = path};
    mr_status status = mr_offload(loop, pool, &spec, &promise, NULL);
    if (status != MR_OK)
        return status;
    status = link_to(&promise, (mr_reaction){.on_fulfilled = parse});
    if (status == MR_OK)
        status = link_to(&promise, (mr_reaction){.on_fulfilled = start_store});
    if (status == MR_OK)
        status = link_to(&promise, (mr_reaction){say_stored, say_error, path, NULL});
    mr_promise_unref(promise);
    return status;
}

int main(void)
{
    char folder[] = "/tmp/millrace-XXXXXX";
    mr_loop_options options = {.size_bytes = sizeof options, .auto_exit = true};
    mr_pool_options one_by_one = {.size_bytes = sizeof one_by_one, .max_threads = 1};
    if (mkdtemp(folder) == NULL || chdir(folder) != 0 || write_file("digits", "12345") != MR_OK ||
        write_file("words", "one") != MR_OK || mr_loop_create(&options, &loop) != MR_OK ||
        mr_pool_create(&one_by_one, &pool) != MR_OK)
        return 1;
    mr_status status = start("digits");
    if (status == MR_OK)
        status = start("words");
    if (status == MR_OK)
        status = start("missing");
    if (status == MR_OK)
        status = mr_loop_run(loop);
    mr_pool_unref(pool);
    mr_loop_unref(loop);
    int kept = remove("digits") + remove("words") + remove("sum") + rmdir(folder);
    return status != MR_OK || stored != 1 || failed != 2 || kept != 0;
}
