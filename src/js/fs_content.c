/* Whole files: read, written, copied. */
#include "js/fs_requests.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/macros.h"
#include "base/memory.h"

enum { CHUNK = 64 * 1024, COPY_CHUNK = 256 * 1024 };
static const int64_t size_limit = INT64_C(0x7FFFFFFF); /* 2 GiB - 1, as in Node.js */

static int open_path(mr__fs_request *request, int flags, mode_t mode)
{
    int fd;
    do
        fd = open(request->path, flags | O_CLOEXEC, mode);
    while (fd < 0 && errno == EINTR);
    if (fd < 0)
        mr__fs_fail(request, errno, "open");
    return fd;
}

/* ---- Reading ----------------------------------------------------------------------------------*/

/* Room for more bytes. A regular file gets its size and one byte, which meets the end of the file.
 */
static bool make_room(mr__fs_request *request, size_t *room)
{
    if (*room > request->len)
        return true;
    size_t wanted = *room < CHUNK ? CHUNK : *room + *room / 2;
    uint8_t *data = mr__realloc(request->data, wanted);
    if (data == NULL) {
        mr__fs_fail_bare(request, ENOMEM, "read");
        return false;
    }
    request->data = data;
    *room = wanted;
    return true;
}

static void read_rest(mr__fs_request *request, int fd, size_t room)
{
    while (make_room(request, &room)) {
        ssize_t got = read(fd, request->data + request->len, room - request->len);
        if (got == 0)
            return;
        if (got > 0) {
            request->len += (size_t)got;
        } else if (errno != EINTR) {
            mr__fs_fail_bare(request, errno, "read");
            return;
        }
        if (request->len > (size_t)size_limit) {
            request->too_large = true;
            request->number = (int64_t)request->len;
            return;
        }
    }
}

static void read_open_file(mr__fs_request *request, int fd)
{
    struct stat s;
    if (fstat(fd, &s) != 0) {
        mr__fs_fail_bare(request, errno, "fstat");
        return;
    }
    size_t room = 0;
    if (S_ISREG(s.st_mode) && s.st_size > 0) {
        if (s.st_size > size_limit) {
            request->too_large = true;
            request->number = s.st_size;
            return;
        }
        room = (size_t)s.st_size + 1;
        request->data = mr__alloc(room);
        if (request->data == NULL) {
            mr__fs_fail_bare(request, ENOMEM, "read");
            return;
        }
    }
    read_rest(request, fd, room);
}

void mr__fs_run_read_file(mr__fs_request *request)
{
    if (request->fd >= 0) {
        read_open_file(request, request->fd);
        return;
    }
    int fd = open_path(request, (int)request->ints[0], 0666);
    if (fd < 0)
        return;
    read_open_file(request, fd);
    close(fd);
}

/* ---- Writing ----------------------------------------------------------------------------------*/

int mr__fs_write_all(int fd, const uint8_t *data, size_t len)
{
    while (len > 0) {
        ssize_t put = write(fd, data, len);
        if (put > 0) {
            data += put;
            len -= (size_t)put;
        } else if (put == 0 || errno != EINTR) {
            return put == 0 ? EIO : errno;
        }
    }
    return 0;
}

static void write_open_file(mr__fs_request *request, int fd, bool flush)
{
    int error = mr__fs_write_all(fd, request->data, request->len);
    if (error != 0)
        mr__fs_fail_bare(request, error, "write");
    else if (flush && fsync(fd) != 0)
        mr__fs_fail_bare(request, errno, "fsync");
}

void mr__fs_run_write_file(mr__fs_request *request)
{
    bool flush = request->ints[2] != 0;
    if (request->fd >= 0) {
        write_open_file(request, request->fd, flush);
        return;
    }
    int fd = open_path(request, (int)request->ints[0], (mode_t)request->ints[1]);
    if (fd < 0)
        return;
    write_open_file(request, fd, flush);
    if (close(fd) != 0 && errno != EINTR && request->error == 0)
        mr__fs_fail_bare(request, errno, "close");
}

/* ---- Copying ----------------------------------------------------------------------------------*/

enum { COPY_EXCLUSIVE = 1, COPY_CLONE_ONLY = 4 };

static int copy_bytes(int from, int to)
{
    uint8_t *chunk = mr__alloc(COPY_CHUNK);
    if (chunk == NULL)
        return ENOMEM;
    int error = 0;
    while (error == 0) {
        ssize_t got = read(from, chunk, COPY_CHUNK);
        if (got == 0)
            break;
        if (got > 0)
            error = mr__fs_write_all(to, chunk, (size_t)got);
        else if (errno != EINTR)
            error = errno;
    }
    mr__free(chunk);
    return error;
}

/* The target is emptied only once it is known to be another file than the source. Half a copy is
 * worse than none, but a device stays. */
static int copy_open(const mr__fs_request *request, int from, int to, const struct stat *source)
{
    struct stat target;
    if (fstat(to, &target) != 0)
        return errno;
    if (target.st_dev == source->st_dev && target.st_ino == source->st_ino)
        return 0;
    int error = 0;
    if (ftruncate(to, 0) != 0 || fchmod(to, source->st_mode & 07777) != 0)
        error = errno;
    if (error == 0)
        error = copy_bytes(from, to);
    if (error != 0 && S_ISREG(target.st_mode))
        unlink(request->dest);
    return error;
}

static int copy_from(const mr__fs_request *request, int from)
{
    struct stat source;
    if (fstat(from, &source) != 0)
        return errno;
    if (S_ISDIR(source.st_mode))
        return EISDIR;
    bool exclusive = (request->ints[0] & COPY_EXCLUSIVE) != 0;
    int flags = O_WRONLY | O_CREAT | O_CLOEXEC | (exclusive ? O_EXCL : 0);
    int to = open(request->dest, flags, source.st_mode & 07777);
    if (to < 0)
        return errno;
    int error = copy_open(request, from, to, &source);
    if (close(to) != 0 && error == 0)
        error = errno;
    return error;
}

/* A copy that must be a clone is refused: nothing here clones. */
void mr__fs_run_copy_file(mr__fs_request *request)
{
    if (request->ints[0] & COPY_CLONE_ONLY) {
        mr__fs_fail(request, ENOTSUP, "copyfile");
        return;
    }
    int from = open(request->path, O_RDONLY | O_CLOEXEC);
    int error = from < 0 ? errno : copy_from(request, from);
    if (from >= 0)
        close(from);
    if (error != 0)
        mr__fs_fail(request, error, "copyfile");
}
