#include "harness.h"

#include <malloc.h>
#include <sched.h>
#include <unistd.h>

static bench_workload *first_workload;

void bench_add(const bench_workload *workload)
{
    bench_workload *copy = bench_alloc(1, sizeof(*copy));
    *copy = *workload;
    copy->next = first_workload;
    first_workload = copy;
}

const char *bench_place_suffix(bench_place place)
{
    static const char *const suffixes[] = {"", "_same", "_cross"};
    return suffixes[place];
}

void bench_place_thread(bench_place place, int who)
{
    if (place == PLACE_FREE)
        return;
    if (place == PLACE_CROSS && sysconf(_SC_NPROCESSORS_ONLN) < 2)
        bench_skip("one processor only");
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(place == PLACE_SAME ? 0 : (size_t)who, &set);
    if (sched_setaffinity(0, sizeof(set), &set) != 0)
        bench_skip("threads cannot be placed");
}

uint32_t *bench_shuffled(size_t n)
{
    uint32_t *order = bench_alloc(n, sizeof(*order));
    uint64_t state = 88172645463325252u;
    for (size_t i = 0; i < n; i++) {
        size_t other = (size_t)(bench_random(&state) % (i + 1));
        order[i] = order[other];
        order[other] = (uint32_t)i;
    }
    return order;
}

void *bench_alloc(size_t n, size_t size)
{
    void *memory = calloc(n == 0 ? 1 : n, size);
    CHECK(memory != NULL);
    return memory;
}

void bench_result(const char *suffix, double ns, uint64_t ops)
{
    printf("%.3f %llu %s\n", ns, (unsigned long long)ops, suffix);
}

void bench_span(uint64_t ns, uint64_t ops)
{
    CHECK(ops > 0);
    bench_result("", (double)ns / (double)ops, ops);
}

uint64_t bench_memory(void)
{
    struct mallinfo2 now = mallinfo2();
    return now.uordblks + now.hblkhd;
}

void bench_bytes(uint64_t bytes, uint64_t n)
{
    if (bytes > 0) /* else it keeps no memory of its own */
        bench_result("_bytes", (double)bytes / (double)n, n);
}

static int compare(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
    return (a > b) - (a < b);
}

void bench_sort(uint64_t *samples, size_t n)
{
    qsort(samples, n, sizeof(*samples), compare);
}

uint64_t bench_percentile(const uint64_t *sorted, size_t n, double p)
{
    CHECK(n > 0);
    return sorted[(size_t)(p * (double)(n - 1) + 0.5)];
}

void bench_percentiles(uint64_t *samples, size_t n)
{
    bench_sort(samples, n);
    bench_result("", (double)bench_percentile(samples, n, 0.5), n);
    bench_result("_p99", (double)bench_percentile(samples, n, 0.99), n);
}

void bench_fail(const char *file, int line, const char *what)
{
    fprintf(stderr, "%s:%d: check failed: %s\n", file, line, what);
    exit(1);
}

void bench_skip(const char *why)
{
    fprintf(stderr, "%s\n", why);
    exit(77);
}

static int list(void)
{
    for (const bench_workload *one = first_workload; one != NULL; one = one->next)
        printf("%s %s %llu\n", one->name, one->contestant, (unsigned long long)one->ops);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "--list") == 0)
        return list();
    if (argc < 3 || argc > 4) {
        fprintf(stderr, "usage: %s --list | WORKLOAD CONTESTANT [OPS]\n", argv[0]);
        return 2;
    }
    for (bench_workload *one = first_workload; one != NULL; one = one->next) {
        if (strcmp(one->name, argv[1]) != 0 || strcmp(one->contestant, argv[2]) != 0)
            continue;
        if (argc == 4)
            one->ops = strtoull(argv[3], NULL, 10);
        CHECK(one->ops > 0);
        one->run(one);
        return 0;
    }
    fprintf(stderr, "%s: no workload %s for %s\n", argv[0], argv[1], argv[2]);
    return 2;
}
