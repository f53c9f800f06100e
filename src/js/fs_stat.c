/* What is known of a file, the time of its birth included. */
#include "js/fs_requests.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

static void put_time(int64_t *out, const struct statx_timestamp *time)
{
    out[0] = time->tv_sec;
    out[1] = time->tv_nsec;
}

/* statx: Linux 4.11. A file system that keeps no birth time leaves it 0. */
int mr__fs_stat(const char *path, int fd, bool follow, int64_t out_stat[MR__FS_STAT_COUNT])
{
    struct statx s = {0};
    int flags = fd >= 0 ? AT_EMPTY_PATH : follow ? 0 : AT_SYMLINK_NOFOLLOW;
    int base = fd >= 0 ? fd : AT_FDCWD;
    if (statx(base, fd >= 0 ? "" : path, flags, STATX_BASIC_STATS | STATX_BTIME, &s) != 0)
        return errno;
    out_stat[MR__FS_STAT_DEV] = (int64_t)makedev(s.stx_dev_major, s.stx_dev_minor);
    out_stat[MR__FS_STAT_MODE] = s.stx_mode;
    out_stat[MR__FS_STAT_NLINK] = s.stx_nlink;
    out_stat[MR__FS_STAT_UID] = s.stx_uid;
    out_stat[MR__FS_STAT_GID] = s.stx_gid;
    out_stat[MR__FS_STAT_RDEV] = (int64_t)makedev(s.stx_rdev_major, s.stx_rdev_minor);
    out_stat[MR__FS_STAT_BLKSIZE] = s.stx_blksize;
    out_stat[MR__FS_STAT_INO] = (int64_t)s.stx_ino;
    out_stat[MR__FS_STAT_SIZE] = (int64_t)s.stx_size;
    out_stat[MR__FS_STAT_BLOCKS] = (int64_t)s.stx_blocks;
    put_time(&out_stat[MR__FS_STAT_ATIME], &s.stx_atime);
    put_time(&out_stat[MR__FS_STAT_MTIME], &s.stx_mtime);
    put_time(&out_stat[MR__FS_STAT_CTIME], &s.stx_ctime);
    put_time(&out_stat[MR__FS_STAT_BIRTHTIME], &s.stx_btime);
    return 0;
}
