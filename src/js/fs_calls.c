/* One system call each. Every call that a signal can interrupt is made again. */
#include "js/fs_requests.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/macros.h"
#include "base/memory.h"

void mr__fs_fail(mr__fs_request *request, int error, const char *syscall)
{
    request->error = error;
    request->syscall = syscall;
}

void mr__fs_fail_bare(mr__fs_request *request, int error, const char *syscall)
{
    mr__fs_fail(request, error, syscall);
    request->no_path = true;
}

static void finish(mr__fs_request *request, int failed, const char *syscall)
{
    if (failed != 0)
        mr__fs_fail(request, errno, syscall);
}

void mr__fs_run_access(mr__fs_request *request)
{
    finish(request, access(request->path, (int)request->ints[0]), "access");
}

void mr__fs_run_open(mr__fs_request *request)
{
    int fd;
    do
        fd = open(request->path, (int)request->ints[0] | O_CLOEXEC, (mode_t)request->ints[1]);
    while (fd < 0 && errno == EINTR);
    request->number = fd;
    finish(request, fd < 0, "open");
}

/* Not made again when interrupted: Linux has let go of the descriptor by then. */
void mr__fs_run_close(mr__fs_request *request)
{
    int failed = close(request->fd);
    finish(request, failed != 0 && errno != EINTR, "close");
}

void mr__fs_run_read(mr__fs_request *request)
{
    off_t position = (off_t)request->ints[0];
    ssize_t got;
    do
        got = position < 0 ? read(request->fd, request->data, request->len)
                           : pread(request->fd, request->data, request->len, position);
    while (got < 0 && errno == EINTR);
    request->number = got;
    finish(request, got < 0, "read");
}

void mr__fs_run_write(mr__fs_request *request)
{
    off_t position = (off_t)request->ints[0];
    ssize_t put;
    do
        put = position < 0 ? write(request->fd, request->data, request->len)
                           : pwrite(request->fd, request->data, request->len, position);
    while (put < 0 && errno == EINTR);
    request->number = put;
    finish(request, put < 0, "write");
}

static void stat_as(mr__fs_request *request, bool follow, const char *syscall)
{
    int error = mr__fs_stat(request->path, request->fd, follow, request->stat);
    if (error != 0)
        mr__fs_fail(request, error, syscall);
}

void mr__fs_run_stat(mr__fs_request *request)
{
    stat_as(request, true, "stat");
}

void mr__fs_run_lstat(mr__fs_request *request)
{
    stat_as(request, false, "lstat");
}

void mr__fs_run_fstat(mr__fs_request *request)
{
    stat_as(request, true, "fstat");
}

void mr__fs_run_rename(mr__fs_request *request)
{
    finish(request, rename(request->path, request->dest), "rename");
}

void mr__fs_run_link(mr__fs_request *request)
{
    finish(request, link(request->path, request->dest), "link");
}

void mr__fs_run_symlink(mr__fs_request *request)
{
    finish(request, symlink(request->path, request->dest), "symlink");
}

void mr__fs_run_unlink(mr__fs_request *request)
{
    finish(request, unlink(request->path), "unlink");
}

void mr__fs_run_rmdir(mr__fs_request *request)
{
    finish(request, rmdir(request->path), "rmdir");
}

void mr__fs_run_chmod(mr__fs_request *request)
{
    mode_t mode = (mode_t)request->ints[0];
    if (request->fd >= 0)
        finish(request, fchmod(request->fd, mode), "fchmod");
    else
        finish(request, chmod(request->path, mode), "chmod");
}

static struct timespec to_timespec(double seconds)
{
    /* To the microsecond: a double of today's date carries no more. */
    double micros = floor(seconds * 1e6);
    double whole = floor(micros / 1e6);
    return (struct timespec){.tv_sec = (time_t)whole,
                             .tv_nsec = (long)(micros - whole * 1e6) * 1000};
}

void mr__fs_run_utimes(mr__fs_request *request)
{
    struct timespec times[2] = {to_timespec(request->numbers[0]), to_timespec(request->numbers[1])};
    if (request->fd >= 0)
        finish(request, futimens(request->fd, times), "futime");
    else
        finish(request, utimensat(AT_FDCWD, request->path, times, 0), "utime");
}

static int truncate_fd(int fd, off_t len)
{
    int failed;
    do
        failed = ftruncate(fd, len);
    while (failed != 0 && errno == EINTR);
    return failed;
}

void mr__fs_run_truncate(mr__fs_request *request)
{
    if (request->fd >= 0) {
        finish(request, truncate_fd(request->fd, (off_t)request->ints[0]), "ftruncate");
        return;
    }
    int fd = open(request->path, O_RDWR | O_CLOEXEC);
    if (fd < 0) {
        mr__fs_fail(request, errno, "open");
        return;
    }
    if (truncate_fd(fd, (off_t)request->ints[0]) != 0)
        mr__fs_fail_bare(request, errno, "ftruncate");
    close(fd);
}

void mr__fs_run_sync(mr__fs_request *request)
{
    if (request->ints[0] != 0)
        finish(request, fdatasync(request->fd), "fdatasync");
    else
        finish(request, fsync(request->fd), "fsync");
}

/* Twice the room until the target leaves some of it unused: only then is it known to be whole. */
void mr__fs_run_readlink(mr__fs_request *request)
{
    for (size_t room = 256;; room *= 2) {
        char *text = mr__realloc(request->text, room);
        if (text == NULL) {
            mr__fs_fail(request, ENOMEM, "readlink");
            return;
        }
        request->text = text;
        ssize_t len = readlink(request->path, text, room);
        if (len < 0) {
            mr__fs_fail(request, errno, "readlink");
            return;
        }
        if ((size_t)len < room) {
            text[len] = '\0';
            return;
        }
    }
}

/* As mkdtemp, with the names that chance says. */
static char *make_by_chance(char *text, uint64_t chance)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789";
    for (int tries = 0; tries < 10000; tries++) {
        chance = chance * UINT64_C(6364136223846793005) + 1; /* Knuth's MMIX generator */
        uint64_t rest = chance >> 16;
        for (char *place = text + strlen(text) - 6; *place != '\0'; place++) {
            *place = letters[rest % (sizeof letters - 1)];
            rest /= sizeof letters - 1;
        }
        if (mkdir(text, S_IRWXU) == 0)
            return text;
        if (errno != EEXIST)
            return NULL;
    }
    return NULL;
}

void mr__fs_run_mkdtemp(mr__fs_request *request)
{
    size_t len = strlen(request->path);
    char *text = mr__alloc(len + sizeof "XXXXXX");
    if (text == NULL) {
        mr__fs_fail(request, ENOMEM, "mkdtemp");
        return;
    }
    memcpy(text, request->path, len);
    memcpy(text + len, "XXXXXX", sizeof "XXXXXX");
    char *made = request->chance != 0 ? make_by_chance(text, request->chance) : mkdtemp(text);
    if (made != NULL) {
        request->text = text;
        return;
    }
    mr__fs_fail(request, errno, "mkdtemp");
    memcpy(text + len, "XXXXXX", sizeof "XXXXXX");
    request->error_path = text;
}
