/* One file system request: what is asked, the system calls, what came out.
 *
 * The same request serves the synchronous form, where it lives on the stack and runs at once, and
 * the asynchronous one, where it is a job of the runtime's pool. Between parsing and result it
 * holds no engine memory, so that run() may be called on any thread; the engine's values in it
 * belong to the owner thread alone, which takes them away when the runtime ends first. */
#ifndef MR_JS_FS_REQUESTS_H
#define MR_JS_FS_REQUESTS_H

#include <stdatomic.h>
#include <sys/types.h>

#include "js/encoding.h"
#include "js/runtime.h"
#include "promise/pool.h"

typedef struct mr__fs_request mr__fs_request;

/* One operation of the binding. args has a letter for each argument:
 *   p path   d second path   t path or descriptor   f descriptor   i integer   n number
 *   e encoding, by number   w bytes to write (string or Uint8Array; takes the next e)
 *   b place for bytes: Uint8Array, offset and length (three arguments) */
typedef struct mr__fs_op {
    const char *name, *args;
    void (*run)(mr__fs_request *request);
    JSValue (*result)(JSContext *ctx, mr__fs_request *request); /* NULL: undefined */
} mr__fs_op;

typedef struct mr__fs_entry {
    char *name;        /* relative to the directory that was asked for */
    size_t folder_len; /* bytes of name before the last '/', 0 at the top */
    int type;          /* MR__FS_FILE… */
} mr__fs_entry;

typedef struct mr__fs_entries {
    mr__fs_entry *items;
    size_t count, capacity;
} mr__fs_entries;

enum { /* the numbers that Node.js shows as UV_DIRENT_… */
       MR__FS_UNKNOWN = 0,
       MR__FS_FILE,
       MR__FS_FOLDER,
       MR__FS_LINK,
       MR__FS_FIFO,
       MR__FS_SOCKET,
       MR__FS_CHARACTER,
       MR__FS_BLOCK
};

enum { /* in the order in which the built-in files read them */
       MR__FS_STAT_DEV,
       MR__FS_STAT_MODE,
       MR__FS_STAT_NLINK,
       MR__FS_STAT_UID,
       MR__FS_STAT_GID,
       MR__FS_STAT_RDEV,
       MR__FS_STAT_BLKSIZE,
       MR__FS_STAT_INO,
       MR__FS_STAT_SIZE,
       MR__FS_STAT_BLOCKS,
       MR__FS_STAT_ATIME, /* seconds, then nanoseconds, for each of the four */
       MR__FS_STAT_MTIME = MR__FS_STAT_ATIME + 2,
       MR__FS_STAT_CTIME = MR__FS_STAT_MTIME + 2,
       MR__FS_STAT_BIRTHTIME = MR__FS_STAT_CTIME + 2,
       MR__FS_STAT_COUNT = MR__FS_STAT_BIRTHTIME + 2
};

enum { MR__FS_INTS = 4, MR__FS_NUMBERS = 2 };

struct mr__fs_request {
    mr__pool_job job;
    _Atomic unsigned refs; /* the owner's list and the job */
    const mr__fs_op *op;

    /* What is asked; owned. */
    char *path, *dest;
    int fd; /* -1: path */
    int64_t ints[MR__FS_INTS];
    double numbers[MR__FS_NUMBERS];
    mr__encoding encoding;
    uint8_t *data; /* to write, or the place to read to */
    size_t len;
    bool borrowed;   /* data is the script's memory (synchronous form only) */
    uint64_t chance; /* mkdtemp on a simulated loop: makes the names; 0 elsewhere */

    /* What came out. */
    int error; /* errno, or 0 */
    const char *syscall;
    char *error_path; /* owned; instead of path and dest */
    bool no_path;     /* the error names no path */
    bool too_large;   /* a file over 2 GiB: number says its size */
    int64_t number;
    char *text;
    mr__fs_entries entries;
    int64_t stat[MR__FS_STAT_COUNT];

    /* The owner's. */
    mr_js *js; /* NULL: the runtime ended first */
    mr__fs_request *previous, *next;
    JSValue resolve, reject; /* a promise's; or resolve is a callback(error, value) */
    JSValue place;           /* the script's Uint8Array that takes data */
    size_t place_offset;
    bool is_callback;
};

/* Record a failed system call. */
void mr__fs_fail(mr__fs_request *request, int error, const char *syscall);
void mr__fs_fail_bare(mr__fs_request *request, int error, const char *syscall); /* names no path */

/* fs_calls.c: any thread, no engine. */
void mr__fs_run_access(mr__fs_request *request);   /* p i: mode */
void mr__fs_run_open(mr__fs_request *request);     /* p i i: flags, mode */
void mr__fs_run_close(mr__fs_request *request);    /* f */
void mr__fs_run_read(mr__fs_request *request);     /* f b i: position, -1 the current one */
void mr__fs_run_write(mr__fs_request *request);    /* f w e i: position */
void mr__fs_run_stat(mr__fs_request *request);     /* p i: bigint */
void mr__fs_run_lstat(mr__fs_request *request);    /* p i */
void mr__fs_run_fstat(mr__fs_request *request);    /* f i */
void mr__fs_run_rename(mr__fs_request *request);   /* p d */
void mr__fs_run_link(mr__fs_request *request);     /* p d */
void mr__fs_run_symlink(mr__fs_request *request);  /* p d */
void mr__fs_run_unlink(mr__fs_request *request);   /* p */
void mr__fs_run_rmdir(mr__fs_request *request);    /* p */
void mr__fs_run_chmod(mr__fs_request *request);    /* t i */
void mr__fs_run_utimes(mr__fs_request *request);   /* t n n: seconds */
void mr__fs_run_truncate(mr__fs_request *request); /* t i */
void mr__fs_run_sync(mr__fs_request *request);     /* f i: data only */
void mr__fs_run_readlink(mr__fs_request *request); /* p e */
void mr__fs_run_mkdtemp(mr__fs_request *request);  /* p e */

/* fs_content.c: whole files. */
void mr__fs_run_read_file(mr__fs_request *request);  /* t i e: flags */
void mr__fs_run_write_file(mr__fs_request *request); /* t w e i i i: flags, mode, flush */
void mr__fs_run_copy_file(mr__fs_request *request);  /* p d i: mode */

/* fs_trees.c: paths and folders with what is below them. */
void mr__fs_run_readdir(mr__fs_request *request);  /* p e i i: MR__FS_FLAT…, with types */
void mr__fs_run_mkdir(mr__fs_request *request);    /* p i i: mode, recursive */
void mr__fs_run_remove(mr__fs_request *request);   /* p i i i i: recursive, force, retries, delay */
void mr__fs_run_realpath(mr__fs_request *request); /* p i e: walk, as Node.js's own realpath does */
enum { MR__FS_FLAT = 0, MR__FS_WIDE, MR__FS_DEEP }; /* this level; all, by levels; last one first */

/* The numbers of a stat call; symlinks followed or not; fd -1: path. 0 or errno. fs_stat.c. */
int mr__fs_stat(const char *path, int fd, bool follow, int64_t out_stat[MR__FS_STAT_COUNT]);

/* One folder's entries, sorted by bytes, appended with "folder/" in front. 0 or errno. */
int mr__fs_list(const char *path, const char *folder, mr__fs_entries *entries);
void mr__fs_entries_deinit(mr__fs_entries *entries);
/* "folder/name" in memory of its own, or a copy of name if folder is empty; NULL without memory. */
char *mr__fs_join(const char *folder, const char *name);
/* write(2) until all is written. 0 or errno. */
int mr__fs_write_all(int fd, const uint8_t *data, size_t len);

/* fs_values.c: arguments into a request, a request into values. Owner thread. */
int mr__fs_parse(JSContext *ctx, mr__fs_request *request, int argc, JSValueConst *argv,
                 bool synchronous);
JSValue mr__fs_error(JSContext *ctx, const mr__fs_request *request);
JSValue mr__fs_result_number(JSContext *ctx, mr__fs_request *request);
JSValue mr__fs_result_text(JSContext *ctx, mr__fs_request *request);
JSValue mr__fs_result_bytes(JSContext *ctx, mr__fs_request *request);
JSValue mr__fs_result_place(JSContext *ctx, mr__fs_request *request);
JSValue mr__fs_result_stat(JSContext *ctx, mr__fs_request *request);
JSValue mr__fs_result_entries(JSContext *ctx, mr__fs_request *request);
void mr__fs_request_deinit(mr__fs_request *request); /* all but the engine's values; any thread */

#endif
