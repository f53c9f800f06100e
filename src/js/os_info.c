/* What node:os tells about the machine (Linux): uname, /proc, /sys, the interfaces, the user.
 * On a simulated loop nothing that changes by the moment: no load, all memory free, idle processors
 * that have not run yet, and the virtual clock as the time since boot. */
#include "js/runtime.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <inttypes.h>
#include <net/if.h>
#include <netpacket/packet.h>
#include <pwd.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"
#include "loop/extend.h"

/* ---- Building objects -------------------------------------------------------------------------*/

/* Define a property whose value passes in. */
static int put(JSContext *ctx, JSValueConst object, const char *name, JSValue value)
{
    if (JS_IsException(value))
        return -1;
    return JS_DefinePropertyValueStr(ctx, object, name, value, JS_PROP_C_W_E) < 0 ? -1 : 0;
}

static int put_text(JSContext *ctx, JSValueConst object, const char *name, const char *text)
{
    return put(ctx, object, name, JS_NewString(ctx, text));
}

/* Put a new object at the end of a list: borrowed from it, or an exception. */
static JSValueConst append_object(JSContext *ctx, JSValueConst list, uint32_t index)
{
    JSValue item = JS_NewObject(ctx);
    if (JS_IsException(item))
        return item;
    JSValueConst borrowed = item;
    if (JS_DefinePropertyValueUint32(ctx, list, index, item, JS_PROP_C_W_E) < 0)
        return JS_EXCEPTION;
    return borrowed;
}

static JSValue or_exception(JSContext *ctx, JSValue value, int status)
{
    if (status == 0)
        return value;
    JS_FreeValue(ctx, value);
    return JS_EXCEPTION;
}

static bool simulated(JSContext *ctx)
{
    return mr__loop_simulated(mr__js_of(ctx)->loop);
}

/* ---- Memory, time, load -----------------------------------------------------------------------*/

/* Bytes of a row of /proc/meminfo; 0 if there is none. */
static double memory_row(const char *row)
{
    FILE *file = fopen("/proc/meminfo", "re");
    if (file == NULL)
        return 0;
    char line[256];
    uint64_t kib = 0;
    size_t len = strlen(row);
    while (fgets(line, sizeof(line), file) != NULL) {
        if (strncmp(line, row, len) == 0 && line[len] == ':') {
            kib = strtoull(line + len + 1, NULL, 10);
            break;
        }
    }
    fclose(file);
    return (double)kib * 1024;
}

static JSValue get_totalmem(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    (void)this_val, (void)argc, (void)argv;
    return JS_NewNumber(ctx, memory_row("MemTotal"));
}

static JSValue get_freemem(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    (void)this_val, (void)argc, (void)argv;
    return JS_NewNumber(ctx, memory_row(simulated(ctx) ? "MemTotal" : "MemAvailable"));
}

/* Hundredths of seconds since boot, as /proc/uptime counts them. */
static JSValue get_uptime(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    (void)this_val, (void)argc, (void)argv;
    if (simulated(ctx))
        return JS_NewNumber(ctx, (double)(mr__loop_clock(mr__js_of(ctx)->loop) / 10000000) / 100);
    struct timespec now;
    if (clock_gettime(CLOCK_BOOTTIME, &now) != 0)
        return JS_NewNumber(ctx, 0);
    int64_t hundredths = (int64_t)now.tv_sec * 100 + now.tv_nsec / 10000000;
    return JS_NewNumber(ctx, (double)hundredths / 100);
}

static JSValue get_loadavg(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    (void)this_val, (void)argc, (void)argv;
    double loads[3] = {0, 0, 0};
    FILE *file = simulated(ctx) ? NULL : fopen("/proc/loadavg", "re");
    if (file != NULL) {
        if (fscanf(file, "%lf %lf %lf", &loads[0], &loads[1], &loads[2]) != 3)
            loads[0] = loads[1] = loads[2] = 0;
        fclose(file);
    }
    JSValue list = JS_NewArray(ctx);
    int status = JS_IsException(list) ? -1 : 0;
    for (uint32_t i = 0; i < 3 && status == 0; i++) {
        JSValue load = JS_NewFloat64(ctx, loads[i]);
        status = JS_DefinePropertyValueUint32(ctx, list, i, load, JS_PROP_C_W_E) < 0 ? -1 : 0;
    }
    return or_exception(ctx, list, status);
}

/* ---- Processors -------------------------------------------------------------------------------*/

static JSValue get_parallelism(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    (void)this_val, (void)argc, (void)argv;
    cpu_set_t set;
    int count = sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set) : 0;
    if (count < 1)
        count = (int)sysconf(_SC_NPROCESSORS_ONLN);
    return JS_NewInt32(ctx, count < 1 ? 1 : count);
}

enum { MODEL_MAX = 128 };

/* The name of a processor's model, as the first /proc/cpuinfo row for it says, or "unknown". */
static void read_model(unsigned wanted, char model[MODEL_MAX])
{
    snprintf(model, MODEL_MAX, "unknown");
    FILE *file = fopen("/proc/cpuinfo", "re");
    if (file == NULL)
        return;
    char line[512];
    unsigned processor = 0;
    while (fgets(line, sizeof(line), file) != NULL) {
        char *value = strstr(line, ": ");
        if (value == NULL)
            continue;
        if (strncmp(line, "processor", 9) == 0)
            processor = (unsigned)strtoul(value + 2, NULL, 10);
        if (processor == wanted && strncmp(line, "model name", 10) == 0) {
            snprintf(model, MODEL_MAX, "%.*s", (int)strcspn(value + 2, "\n"), value + 2);
            break;
        }
    }
    fclose(file);
}

/* Present frequency in MHz; 0 if the system does not tell. */
static double read_speed(unsigned processor)
{
    char path[96];
    snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%u/cpufreq/scaling_cur_freq",
             processor);
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return 0;
    uint64_t khz = 0;
    if (fscanf(file, "%" SCNu64, &khz) != 1)
        khz = 0;
    fclose(file);
    return (double)(khz / 1000);
}

/* Fill the object of one processor from its line of /proc/stat. */
static int describe_processor(JSContext *ctx, JSValueConst cpu, const char *line)
{
    unsigned number;
    uint64_t ticks[6]; /* user, nice, system, idle, iowait, irq */
    if (sscanf(line, "cpu%u %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64,
               &number, &ticks[0], &ticks[1], &ticks[2], &ticks[3], &ticks[4], &ticks[5]) != 7)
        return 0;
    static const struct {
        const char *name;
        int place;
    } kinds[] = {{"user", 0}, {"nice", 1}, {"sys", 2}, {"idle", 3}, {"irq", 5}};
    char model[MODEL_MAX];
    read_model(number, model);
    double ms_per_tick = 1000.0 / (double)sysconf(_SC_CLK_TCK);
    bool still = simulated(ctx);
    JSValue times = JS_NewObject(ctx);
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]) && !JS_IsException(times); i++) {
        double ms = still ? 0 : (double)ticks[kinds[i].place] * ms_per_tick;
        if (put(ctx, times, kinds[i].name, JS_NewNumber(ctx, ms)) < 0)
            times = or_exception(ctx, times, -1);
    }
    if (JS_IsException(times) || put_text(ctx, cpu, "model", model) < 0 ||
        put(ctx, cpu, "speed", JS_NewNumber(ctx, still ? 0 : read_speed(number))) < 0) {
        JS_FreeValue(ctx, times);
        return -1;
    }
    return put(ctx, cpu, "times", times);
}

static JSValue get_cpus(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    (void)this_val, (void)argc, (void)argv;
    JSValue list = JS_NewArray(ctx);
    FILE *file = JS_IsException(list) ? NULL : fopen("/proc/stat", "re");
    if (file == NULL)
        return list;
    char line[512];
    uint32_t count = 0;
    int status = 0;
    while (status == 0 && fgets(line, sizeof(line), file) != NULL) {
        if (strncmp(line, "cpu", 3) != 0 || line[3] < '0' || line[3] > '9')
            continue;
        JSValueConst cpu = append_object(ctx, list, count++);
        status = JS_IsException(cpu) ? -1 : describe_processor(ctx, cpu, line);
    }
    fclose(file);
    return or_exception(ctx, list, status);
}

/* ---- Network interfaces -----------------------------------------------------------------------*/

static bool is_shown(const struct ifaddrs *entry)
{
    return entry->ifa_addr != NULL && (entry->ifa_flags & IFF_UP) != 0 &&
           (entry->ifa_flags & IFF_RUNNING) != 0;
}

static void find_mac(const struct ifaddrs *list, const char *name, char text[18])
{
    unsigned char mac[6] = {0};
    for (; list != NULL; list = list->ifa_next) {
        if (is_shown(list) && list->ifa_addr->sa_family == AF_PACKET &&
            strcmp(list->ifa_name, name) == 0) {
            struct sockaddr_ll link;
            memcpy(&link, list->ifa_addr, sizeof(link));
            memcpy(mac, link.sll_addr, sizeof(mac));
            break;
        }
    }
    snprintf(text, 18, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3], mac[4],
             mac[5]);
}

/* Bytes of an address or mask of the family: 4 or 16, or 0 for none. */
static size_t address_bytes(const struct sockaddr *address, unsigned char bytes[16])
{
    if (address == NULL)
        return 0;
    if (address->sa_family == AF_INET) {
        struct sockaddr_in v4;
        memcpy(&v4, address, sizeof(v4));
        memcpy(bytes, &v4.sin_addr, 4);
        return 4;
    }
    struct sockaddr_in6 v6;
    memcpy(&v6, address, sizeof(v6));
    memcpy(bytes, &v6.sin6_addr, 16);
    return 16;
}

/* Leading ones of a mask; -1 if a one follows a zero. */
static int prefix_of(const unsigned char *mask, size_t len)
{
    int ones = 0;
    bool ended = false;
    for (size_t bit = 0; bit < len * 8; bit++) {
        bool set = (mask[bit / 8] >> (7 - bit % 8) & 1) != 0;
        if (set && ended)
            return -1;
        ones += set;
        ended = !set;
    }
    return ones;
}

static int describe_address(JSContext *ctx, JSValueConst item, const struct ifaddrs *entry,
                            const char *mac)
{
    int family = entry->ifa_addr->sa_family;
    unsigned char bytes[16], mask_bytes[16] = {0};
    char address[INET6_ADDRSTRLEN] = "", mask[INET6_ADDRSTRLEN] = "";
    char cidr[INET6_ADDRSTRLEN + 5];
    size_t len = address_bytes(entry->ifa_addr, bytes);
    address_bytes(entry->ifa_netmask, mask_bytes);
    inet_ntop(family, bytes, address, sizeof(address));
    inet_ntop(family, mask_bytes, mask, sizeof(mask));
    int prefix = prefix_of(mask_bytes, len);
    snprintf(cidr, sizeof(cidr), "%s/%d", address, prefix);
    bool internal = (entry->ifa_flags & IFF_LOOPBACK) != 0;
    if (put_text(ctx, item, "name", entry->ifa_name) < 0 ||
        put_text(ctx, item, "address", address) < 0 || put_text(ctx, item, "netmask", mask) < 0 ||
        put_text(ctx, item, "family", family == AF_INET ? "IPv4" : "IPv6") < 0 ||
        put_text(ctx, item, "mac", mac) < 0 ||
        put(ctx, item, "internal", JS_NewBool(ctx, internal)) < 0 ||
        put(ctx, item, "cidr", prefix < 0 ? JS_NULL : JS_NewString(ctx, cidr)) < 0)
        return -1;
    if (family != AF_INET6)
        return 0;
    struct sockaddr_in6 v6;
    memcpy(&v6, entry->ifa_addr, sizeof(v6));
    return put(ctx, item, "scopeid", JS_NewUint32(ctx, v6.sin6_scope_id));
}

/* A flat list; the library file sorts it by interface. */
static JSValue get_interfaces(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    (void)this_val, (void)argc, (void)argv;
    struct ifaddrs *interfaces;
    if (getifaddrs(&interfaces) != 0)
        return mr__js_throw_errno(ctx, errno, "uv_interface_addresses", NULL, NULL);
    JSValue list = JS_NewArray(ctx);
    int status = JS_IsException(list) ? -1 : 0;
    uint32_t count = 0;
    for (struct ifaddrs *entry = interfaces; entry != NULL && status == 0;
         entry = entry->ifa_next) {
        if (!is_shown(entry) ||
            (entry->ifa_addr->sa_family != AF_INET && entry->ifa_addr->sa_family != AF_INET6))
            continue;
        char mac[18];
        find_mac(interfaces, entry->ifa_name, mac);
        JSValueConst item = append_object(ctx, list, count++);
        status = JS_IsException(item) ? -1 : describe_address(ctx, item, entry, mac);
    }
    freeifaddrs(interfaces);
    return or_exception(ctx, list, status);
}

/* ---- Names and the user -----------------------------------------------------------------------*/

static JSValue get_hostname(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    (void)this_val, (void)argc, (void)argv;
    struct utsname names;
    if (uname(&names) != 0)
        return mr__js_throw_errno(ctx, errno, "uv_os_gethostname", NULL, NULL);
    return JS_NewString(ctx, names.nodename);
}

static JSValue user_object(JSContext *ctx, const struct passwd *user)
{
    JSValue object = JS_NewObjectProto(ctx, JS_NULL);
    if (JS_IsException(object))
        return object;
    bool failed = put(ctx, object, "uid", JS_NewUint32(ctx, user->pw_uid)) < 0 ||
                  put(ctx, object, "gid", JS_NewUint32(ctx, user->pw_gid)) < 0 ||
                  put_text(ctx, object, "username", user->pw_name) < 0 ||
                  put_text(ctx, object, "homedir", user->pw_dir) < 0 ||
                  put_text(ctx, object, "shell", user->pw_shell) < 0;
    return or_exception(ctx, object, failed ? -1 : 0);
}

/* The entry of the effective user in the password file. */
static JSValue get_user(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    (void)this_val, (void)argc, (void)argv;
    struct passwd storage, *user = NULL;
    char *buffer = NULL;
    int error = ERANGE;
    for (size_t size = 1024; error == ERANGE && size <= 1U << 20; size *= 2) {
        char *larger = mr__realloc(buffer, size);
        if (larger == NULL) {
            mr__free(buffer);
            return JS_ThrowOutOfMemory(ctx);
        }
        buffer = larger;
        error = getpwuid_r(geteuid(), &storage, buffer, size, &user);
    }
    JSValue result = user != NULL ? user_object(ctx, user)
                                  : mr__js_throw_errno(ctx, error == 0 ? ENOENT : error,
                                                       "uv_os_get_passwd", NULL, NULL);
    mr__free(buffer);
    return result;
}

/* ---- Constants --------------------------------------------------------------------------------*/

#define NUMBER(name) JS_PROP_INT32_DEF(#name, name, JS_PROP_ENUMERABLE)
static const JSCFunctionListEntry signals[] = {
    NUMBER(SIGHUP),  NUMBER(SIGINT),    NUMBER(SIGQUIT),   NUMBER(SIGILL),   NUMBER(SIGTRAP),
    NUMBER(SIGABRT), NUMBER(SIGIOT),    NUMBER(SIGBUS),    NUMBER(SIGFPE),   NUMBER(SIGKILL),
    NUMBER(SIGUSR1), NUMBER(SIGSEGV),   NUMBER(SIGUSR2),   NUMBER(SIGPIPE),  NUMBER(SIGALRM),
    NUMBER(SIGTERM), NUMBER(SIGCHLD),   NUMBER(SIGSTKFLT), NUMBER(SIGCONT),  NUMBER(SIGSTOP),
    NUMBER(SIGTSTP), NUMBER(SIGTTIN),   NUMBER(SIGTTOU),   NUMBER(SIGURG),   NUMBER(SIGXCPU),
    NUMBER(SIGXFSZ), NUMBER(SIGVTALRM), NUMBER(SIGPROF),   NUMBER(SIGWINCH), NUMBER(SIGIO),
    NUMBER(SIGPOLL), NUMBER(SIGPWR),    NUMBER(SIGSYS),
};

static const JSCFunctionListEntry error_numbers[] = {
    NUMBER(E2BIG),        NUMBER(EACCES),       NUMBER(EADDRINUSE),   NUMBER(EADDRNOTAVAIL),
    NUMBER(EAFNOSUPPORT), NUMBER(EAGAIN),       NUMBER(EALREADY),     NUMBER(EBADF),
    NUMBER(EBADMSG),      NUMBER(EBUSY),        NUMBER(ECANCELED),    NUMBER(ECHILD),
    NUMBER(ECONNABORTED), NUMBER(ECONNREFUSED), NUMBER(ECONNRESET),   NUMBER(EDEADLK),
    NUMBER(EDESTADDRREQ), NUMBER(EDOM),         NUMBER(EDQUOT),       NUMBER(EEXIST),
    NUMBER(EFAULT),       NUMBER(EFBIG),        NUMBER(EHOSTUNREACH), NUMBER(EIDRM),
    NUMBER(EILSEQ),       NUMBER(EINPROGRESS),  NUMBER(EINTR),        NUMBER(EINVAL),
    NUMBER(EIO),          NUMBER(EISCONN),      NUMBER(EISDIR),       NUMBER(ELOOP),
    NUMBER(EMFILE),       NUMBER(EMLINK),       NUMBER(EMSGSIZE),     NUMBER(EMULTIHOP),
    NUMBER(ENAMETOOLONG), NUMBER(ENETDOWN),     NUMBER(ENETRESET),    NUMBER(ENETUNREACH),
    NUMBER(ENFILE),       NUMBER(ENOBUFS),      NUMBER(ENODATA),      NUMBER(ENODEV),
    NUMBER(ENOENT),       NUMBER(ENOEXEC),      NUMBER(ENOLCK),       NUMBER(ENOLINK),
    NUMBER(ENOMEM),       NUMBER(ENOMSG),       NUMBER(ENOPROTOOPT),  NUMBER(ENOSPC),
    NUMBER(ENOSR),        NUMBER(ENOSTR),       NUMBER(ENOSYS),       NUMBER(ENOTCONN),
    NUMBER(ENOTDIR),      NUMBER(ENOTEMPTY),    NUMBER(ENOTSOCK),     NUMBER(ENOTSUP),
    NUMBER(ENOTTY),       NUMBER(ENXIO),        NUMBER(EOPNOTSUPP),   NUMBER(EOVERFLOW),
    NUMBER(EPERM),        NUMBER(EPIPE),        NUMBER(EPROTO),       NUMBER(EPROTONOSUPPORT),
    NUMBER(EPROTOTYPE),   NUMBER(ERANGE),       NUMBER(EROFS),        NUMBER(ESPIPE),
    NUMBER(ESRCH),        NUMBER(ESTALE),       NUMBER(ETIME),        NUMBER(ETIMEDOUT),
    NUMBER(ETXTBSY),      NUMBER(EWOULDBLOCK),  NUMBER(EXDEV),
};

static int put_constants(JSContext *ctx, JSValueConst target, const char *name,
                         const JSCFunctionListEntry *entries, int count)
{
    JSValue object = JS_NewObjectProto(ctx, JS_NULL);
    if (JS_IsException(object))
        return -1;
    if (JS_SetPropertyFunctionList(ctx, object, entries, count) < 0) {
        JS_FreeValue(ctx, object);
        return -1;
    }
    return put(ctx, target, name, object);
}

/* ---- The binding ------------------------------------------------------------------------------*/

static const JSCFunctionListEntry functions[] = {
    JS_CFUNC_DEF("cpus", 0, get_cpus),         JS_CFUNC_DEF("freemem", 0, get_freemem),
    JS_CFUNC_DEF("hostname", 0, get_hostname), JS_CFUNC_DEF("interfaces", 0, get_interfaces),
    JS_CFUNC_DEF("loadavg", 0, get_loadavg),   JS_CFUNC_DEF("parallelism", 0, get_parallelism),
    JS_CFUNC_DEF("totalmem", 0, get_totalmem), JS_CFUNC_DEF("uptime", 0, get_uptime),
    JS_CFUNC_DEF("user", 0, get_user),
};

enum {
    SIGNAL_COUNT = sizeof(signals) / sizeof(signals[0]),
    NUMBER_COUNT = sizeof(error_numbers) / sizeof(error_numbers[0]),
    FUNCTION_COUNT = sizeof(functions) / sizeof(functions[0]),
};

int mr__js_binding_os(mr_js *js, JSValueConst target)
{
    JSContext *ctx = js->ctx;
    struct utsname names;
    if (uname(&names) != 0) {
        mr__js_throw_errno(ctx, errno, "uv_os_uname", NULL, NULL);
        return -1;
    }
    const uint16_t probe = 1;
    bool little = *(const unsigned char *)&probe == 1;
    if (put_text(ctx, target, "type", names.sysname) < 0 ||
        put_text(ctx, target, "release", names.release) < 0 ||
        put_text(ctx, target, "version", names.version) < 0 ||
        put_text(ctx, target, "machine", names.machine) < 0 ||
        put_text(ctx, target, "endianness", little ? "LE" : "BE") < 0 ||
        put_constants(ctx, target, "signals", signals, SIGNAL_COUNT) < 0 ||
        put_constants(ctx, target, "errno", error_numbers, NUMBER_COUNT) < 0)
        return -1;
    return JS_SetPropertyFunctionList(ctx, target, functions, FUNCTION_COUNT) < 0 ? -1 : 0;
}
