/* Folders and paths of more than one step: listing, making, removing, resolving. */
#include "js/fs_requests.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/macros.h"
#include "base/memory.h"

static char *copy_text(const char *text, size_t len)
{
    char *copy = mr__alloc(len + 1);
    if (copy == NULL)
        return NULL;
    memcpy(copy, text, len);
    copy[len] = '\0';
    return copy;
}

char *mr__fs_join(const char *folder, const char *name)
{
    size_t first = strlen(folder), second = strlen(name);
    if (first == 0)
        return copy_text(name, second);
    size_t slash = folder[first - 1] != '/';
    char *path = mr__alloc(first + slash + second + 1);
    if (path == NULL)
        return NULL;
    memcpy(path, folder, first);
    if (slash)
        path[first] = '/';
    memcpy(path + first + slash, name, second + 1);
    return path;
}

/* ---- Listing ----------------------------------------------------------------------------------*/

void mr__fs_entries_deinit(mr__fs_entries *entries)
{
    for (size_t i = 0; i < entries->count; i++)
        mr__free(entries->items[i].name);
    mr__free(entries->items);
    *entries = (mr__fs_entries){0};
}

static int type_of_mode(mode_t mode)
{
    switch (mode & S_IFMT) {
    case S_IFREG:
        return MR__FS_FILE;
    case S_IFDIR:
        return MR__FS_FOLDER;
    case S_IFLNK:
        return MR__FS_LINK;
    case S_IFIFO:
        return MR__FS_FIFO;
    case S_IFSOCK:
        return MR__FS_SOCKET;
    case S_IFCHR:
        return MR__FS_CHARACTER;
    case S_IFBLK:
        return MR__FS_BLOCK;
    default:
        return MR__FS_UNKNOWN;
    }
}

/* Not every file system tells the type in the folder. */
static int type_of(DIR *dir, const struct dirent *entry)
{
    struct stat s;
    if (entry->d_type != DT_UNKNOWN)
        return type_of_mode((mode_t)DTTOIF((unsigned)entry->d_type));
    if (fstatat(dirfd(dir), entry->d_name, &s, AT_SYMLINK_NOFOLLOW) != 0)
        return MR__FS_UNKNOWN;
    return type_of_mode(s.st_mode);
}

static int add_entry(mr__fs_entries *entries, const char *folder, const char *name, int type)
{
    if (entries->count == entries->capacity) {
        size_t capacity = entries->capacity == 0 ? 32 : entries->capacity * 2;
        mr__fs_entry *items = mr__realloc(entries->items, capacity * sizeof *items);
        if (items == NULL)
            return ENOMEM;
        entries->items = items;
        entries->capacity = capacity;
    }
    char *joined = mr__fs_join(folder, name);
    if (joined == NULL)
        return ENOMEM;
    entries->items[entries->count++] =
        (mr__fs_entry){.name = joined, .folder_len = strlen(folder), .type = type};
    return 0;
}

static int read_entries(DIR *dir, const char *folder, mr__fs_entries *entries)
{
    for (;;) {
        errno = 0;
        const struct dirent *entry = readdir(dir);
        if (entry == NULL)
            return errno;
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        int error = add_entry(entries, folder, entry->d_name, type_of(dir, entry));
        if (error != 0)
            return error;
    }
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const mr__fs_entry *)a)->name, ((const mr__fs_entry *)b)->name);
}

int mr__fs_list(const char *path, const char *folder, mr__fs_entries *entries)
{
    DIR *dir = opendir(path);
    if (dir == NULL)
        return errno;
    size_t start = entries->count;
    int error = read_entries(dir, folder, entries);
    closedir(dir);
    if (error == 0 && entries->count > start)
        qsort(entries->items + start, entries->count - start, sizeof *entries->items, by_name);
    return error;
}

/* Folders found and not yet listed, as indices into the entries. */
typedef struct pending {
    size_t *items;
    size_t first, count, capacity;
} pending;

static int push(pending *list, size_t index)
{
    if (list->count == list->capacity) {
        size_t capacity = list->capacity == 0 ? 16 : list->capacity * 2;
        size_t *items = mr__realloc(list->items, capacity * sizeof *items);
        if (items == NULL)
            return ENOMEM;
        list->items = items;
        list->capacity = capacity;
    }
    list->items[list->count++] = index;
    return 0;
}

/* Lists of names follow links to folders, lists with types do not. */
static bool leads_down(const mr__fs_request *request, const mr__fs_entry *entry)
{
    bool with_types = request->ints[1] != 0;
    if (entry->type == MR__FS_FOLDER)
        return true;
    if (with_types || entry->type != MR__FS_LINK)
        return false;
    struct stat s;
    char *path = mr__fs_join(request->path, entry->name);
    bool folder = path != NULL && stat(path, &s) == 0 && S_ISDIR(s.st_mode);
    mr__free(path);
    return folder;
}

static int push_folders(const mr__fs_request *request, pending *list, size_t start)
{
    for (size_t i = start; i < request->entries.count; i++) {
        if (!leads_down(request, &request->entries.items[i]))
            continue;
        int error = push(list, i);
        if (error != 0)
            return error;
    }
    return 0;
}

/* List one folder below the one that was asked for. */
static void list_below(mr__fs_request *request, const char *folder)
{
    char *path = mr__fs_join(request->path, folder);
    int error = path == NULL ? ENOMEM : mr__fs_list(path, folder, &request->entries);
    if (error == 0) {
        mr__free(path);
        return;
    }
    mr__fs_fail(request, error, "scandir");
    request->error_path = path;
}

static void list_all(mr__fs_request *request, pending *list)
{
    bool deep = request->ints[0] == MR__FS_DEEP;
    size_t start = 0;
    while (request->error == 0) {
        int error = push_folders(request, list, start);
        if (error != 0)
            mr__fs_fail(request, error, "scandir");
        if (error != 0 || list->first == list->count)
            return;
        size_t index = deep ? list->items[--list->count] : list->items[list->first++];
        start = request->entries.count;
        list_below(request, request->entries.items[index].name);
    }
}

void mr__fs_run_readdir(mr__fs_request *request)
{
    int error = mr__fs_list(request->path, "", &request->entries);
    if (error != 0) {
        mr__fs_fail(request, error, "scandir");
        return;
    }
    if (request->ints[0] == MR__FS_FLAT)
        return;
    pending list = {0};
    list_all(request, &list);
    mr__free(list.items);
}

/* ---- Making folders ---------------------------------------------------------------------------*/

static bool is_folder(const char *path)
{
    struct stat s;
    return stat(path, &s) == 0 && S_ISDIR(s.st_mode);
}

/* The next shorter path, "" at the end; "a//b/" is longer than "a//b". */
static size_t parent_len(const char *path, size_t len)
{
    while (len > 0 && path[len - 1] != '/')
        len--;
    return len > 0 ? len - 1 : 0;
}

/* Make the path of len bytes, its parents first where they are missing. *made is the length of the
 * first path that was made, 0 for none. path is changed and restored meanwhile. */
static int make_path(char *path, size_t len, mode_t mode, size_t *made)
{
    size_t at = len;
    for (;;) {
        char cut = path[at];
        path[at] = '\0';
        int error = mkdir(path, mode) == 0 ? 0 : errno;
        bool there = error != 0 && error != ENOENT && is_folder(path);
        path[at] = cut;
        if (error == ENOENT && parent_len(path, at) > 0) {
            at = parent_len(path, at);
            continue;
        }
        if (error != 0 && !there)
            return error == EEXIST && at < len ? ENOTDIR : error;
        if (error == 0 && *made == 0)
            *made = at;
        if (at == len)
            return 0;
        do
            at++;
        while (at < len && path[at] != '/');
    }
}

void mr__fs_run_mkdir(mr__fs_request *request)
{
    mode_t mode = (mode_t)request->ints[0];
    if (request->ints[1] == 0) {
        if (mkdir(request->path, mode) != 0)
            mr__fs_fail(request, errno, "mkdir");
        return;
    }
    size_t made = 0;
    int error = make_path(request->path, strlen(request->path), mode, &made);
    if (error == 0 && made > 0) {
        request->text = copy_text(request->path, made);
        error = request->text == NULL ? ENOMEM : 0;
    }
    if (error != 0)
        mr__fs_fail(request, error, "mkdir");
}

/* ---- Removing ---------------------------------------------------------------------------------*/

/* Record a failure inside a tree; path passes in. What is gone already is no failure. */
static bool tree_call(mr__fs_request *request, int failed, const char *syscall, const char *path)
{
    if (failed == 0 || errno == ENOENT)
        return true;
    mr__fs_fail(request, errno, syscall);
    request->error_path = copy_text(path, strlen(path));
    return false;
}

/* Depth is bounded by the length of a path. */
static bool remove_folder(mr__fs_request *request, const char *path);

static bool remove_inside(mr__fs_request *request, const char *folder,
                          const mr__fs_entries *entries)
{
    for (size_t i = 0; i < entries->count; i++) {
        char *path = mr__fs_join(folder, entries->items[i].name);
        if (path == NULL) {
            mr__fs_fail(request, ENOMEM, "unlink");
            return false;
        }
        bool done = entries->items[i].type == MR__FS_FOLDER
                        ? remove_folder(request, path)
                        : tree_call(request, unlink(path), "unlink", path);
        mr__free(path);
        if (!done)
            return false;
    }
    return true;
}

static bool remove_folder(mr__fs_request *request, const char *path)
{
    mr__fs_entries entries = {0};
    int error = mr__fs_list(path, "", &entries);
    errno = error;
    bool done = tree_call(request, error, "scandir", path) &&
                remove_inside(request, path, &entries) &&
                tree_call(request, rmdir(path), "rmdir", path);
    mr__fs_entries_deinit(&entries);
    return done;
}

static bool worth_another_try(int error)
{
    return error == EBUSY || error == EMFILE || error == ENFILE || error == ENOTEMPTY ||
           error == EPERM;
}

static void pause_ms(int64_t ms)
{
    struct timespec left = {.tv_sec = (time_t)(ms / 1000), .tv_nsec = (long)(ms % 1000) * 1000000};
    while (nanosleep(&left, &left) != 0 && errno == EINTR) {
    }
}

static void remove_found(mr__fs_request *request, bool folder)
{
    int64_t retries = folder ? request->ints[2] : 0;
    for (int64_t i = 1;; i++) {
        if (folder)
            remove_folder(request, request->path);
        else
            tree_call(request, unlink(request->path), "unlink", request->path);
        if (request->error == 0 || i > retries || !worth_another_try(request->error))
            return;
        mr__free(request->error_path);
        request->error_path = NULL;
        request->error = 0;
        pause_ms(i * request->ints[3]);
    }
}

/* number 1: it is a folder, and those were not asked for. */
void mr__fs_run_remove(mr__fs_request *request)
{
    bool recursive = request->ints[0] != 0, force = request->ints[1] != 0;
    struct stat s;
    if (lstat(request->path, &s) != 0) {
        if (!force || errno != ENOENT)
            mr__fs_fail(request, errno, "lstat");
        return;
    }
    if (S_ISDIR(s.st_mode) && !recursive)
        request->number = 1;
    else
        remove_found(request, S_ISDIR(s.st_mode));
}

/* ---- Resolving --------------------------------------------------------------------------------*/

/* One step of the walk: what is wrong with this path, if anything. A link becomes what it leads to:
 * *path is replaced. false when the walk ends here. */
static bool walk_step(mr__fs_request *request, char **path)
{
    struct stat s;
    const char *syscall = "lstat";
    int failed = lstat(*path, &s);
    if (failed == 0 && S_ISLNK(s.st_mode)) {
        syscall = "stat";
        failed = stat(*path, &s);
        char *real = failed == 0 ? realpath(*path, NULL) : NULL;
        if (real != NULL) {
            mr__free(*path);
            *path = real;
        }
    }
    if (failed == 0)
        return true;
    mr__fs_fail(request, errno, syscall);
    request->error_path = *path;
    *path = NULL;
    return false;
}

/* Node.js walks the path itself and names the step that failed; this finds that step. */
static void find_failure(mr__fs_request *request)
{
    char *at = copy_text("/", 1);
    const char *rest = request->path;
    while (at != NULL) {
        rest += strspn(rest, "/");
        size_t len = strcspn(rest, "/");
        if (len == 0)
            break;
        char *name = copy_text(rest, len);
        char *longer = name == NULL ? NULL : mr__fs_join(at, name);
        mr__free(name);
        mr__free(at);
        at = longer;
        rest += len;
        if (at == NULL || !walk_step(request, &at))
            break;
    }
    mr__free(at);
}

void mr__fs_run_realpath(mr__fs_request *request)
{
    request->text = realpath(request->path, NULL);
    if (request->text != NULL)
        return;
    mr__fs_fail(request, errno, "realpath");
    if (request->ints[0] != 0)
        find_failure(request);
}
