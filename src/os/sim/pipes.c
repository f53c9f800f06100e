#include "os/sim/pipes.h"

#include <millrace/watch.h>

#include "base/macros.h"
#include "base/memory.h"

typedef struct end {
    struct end *peer; /* NULL: closed */
    bool ended;       /* it writes no more */
    bool peer_ended;
    bool broken;    /* the peer was closed with bytes of this end unread */
    unsigned asked; /* the registration; 0: none */
    uint64_t token;
    size_t head, len; /* of the bytes to be read here */
    unsigned char bytes[MR__PIPE_BYTES];
} end;

struct mr__pipes {
    end **ends; /* by number; NULL: free */
    size_t count;
    size_t first; /* where collecting begins, so that nobody is passed over for ever */
};

mr__pipes *mr__pipes_create(void)
{
    return mr__alloc_zero(sizeof(mr__pipes));
}

void mr__pipes_destroy(mr__pipes *pipes)
{
    if (pipes == NULL)
        return;
    for (size_t i = 0; i < pipes->count; i++)
        mr__free(pipes->ends[i]);
    mr__free(pipes->ends);
    mr__free(pipes);
}

static end *find(const mr__pipes *pipes, int fd)
{
    if (fd < MR__PIPES_FIRST || (size_t)(fd - MR__PIPES_FIRST) >= pipes->count)
        return NULL;
    return pipes->ends[fd - MR__PIPES_FIRST];
}

/* The lowest free number from `from` on; one that is not there yet when all are taken. */
static size_t free_number(const mr__pipes *pipes, size_t from)
{
    while (from < pipes->count && pipes->ends[from] != NULL)
        from++;
    return from;
}

static bool reserve(mr__pipes *pipes, size_t count)
{
    if (count <= pipes->count)
        return true;
    end **ends = mr__realloc(pipes->ends, count * sizeof(end *));
    if (ends == NULL)
        return false;
    while (pipes->count < count)
        ends[pipes->count++] = NULL;
    pipes->ends = ends;
    return true;
}

mr_status mr__pipes_open(mr__pipes *pipes, int fds[2])
{
    size_t a = free_number(pipes, 0), b = free_number(pipes, a + 1);
    if (!reserve(pipes, b + 1))
        return MR_ENOMEM;
    end *ends[2] = {mr__alloc_zero(sizeof(end)), mr__alloc_zero(sizeof(end))};
    if (ends[0] == NULL || ends[1] == NULL) {
        mr__free(ends[0]);
        mr__free(ends[1]);
        return MR_ENOMEM;
    }
    ends[0]->peer = ends[1];
    ends[1]->peer = ends[0];
    pipes->ends[a] = ends[0];
    pipes->ends[b] = ends[1];
    fds[0] = MR__PIPES_FIRST + (int)a;
    fds[1] = MR__PIPES_FIRST + (int)b;
    return MR_OK;
}

mr_status mr__pipes_read(mr__pipes *pipes, int fd, void *bytes, size_t cap, size_t *out_len)
{
    end *here = find(pipes, fd);
    if (here == NULL)
        return MR_EBADF;
    if (here->broken)
        return MR_EIO;
    if (here->len == 0 && here->peer_ended)
        return MR_ECLOSED;
    size_t len = cap < here->len ? cap : here->len;
    for (size_t i = 0; i < len; i++)
        ((unsigned char *)bytes)[i] = here->bytes[(here->head + i) % MR__PIPE_BYTES];
    here->head = (here->head + len) % MR__PIPE_BYTES;
    here->len -= len;
    *out_len = len;
    return MR_OK;
}

mr_status mr__pipes_write(mr__pipes *pipes, int fd, const void *bytes, size_t len, size_t *out_len)
{
    end *here = find(pipes, fd);
    if (here == NULL)
        return MR_EBADF;
    if (here->broken)
        return MR_EIO;
    if (here->ended || here->peer == NULL)
        return MR_ECLOSED;
    end *there = here->peer;
    size_t room = MR__PIPE_BYTES - there->len;
    if (len > room)
        len = room;
    for (size_t i = 0; i < len; i++)
        there->bytes[(there->head + there->len + i) % MR__PIPE_BYTES] =
            ((const unsigned char *)bytes)[i];
    there->len += len;
    *out_len = len;
    return MR_OK;
}

mr_status mr__pipes_end(mr__pipes *pipes, int fd)
{
    end *here = find(pipes, fd);
    if (here == NULL)
        return MR_EBADF;
    here->ended = true;
    if (here->peer != NULL)
        here->peer->peer_ended = true;
    return MR_OK;
}

mr_status mr__pipes_close(mr__pipes *pipes, int fd)
{
    end *here = find(pipes, fd);
    if (here == NULL)
        return MR_EBADF;
    end *there = here->peer;
    if (there != NULL) {
        there->peer = NULL;
        there->peer_ended = true;
        there->broken = here->len != 0;
    }
    pipes->ends[fd - MR__PIPES_FIRST] = NULL;
    mr__free(here);
    return MR_OK;
}

mr_status mr__pipes_set(mr__pipes *pipes, int fd, unsigned from, unsigned to, uint64_t token)
{
    if (from == 0 && to == 0)
        return MR_OK;
    end *here = find(pipes, fd);
    if (here == NULL || (from != 0 && here->asked == 0))
        return MR_EBADF; /* closed, or closed and opened again, since it was registered */
    if (from == 0 && here->asked != 0)
        return MR_EEXIST;
    here->asked = to;
    here->token = token;
    return MR_OK;
}

/* What the poller would tell now; 0 for nothing, also when nothing is asked. */
static unsigned events_of(const end *here)
{
    if (here == NULL || here->asked == 0)
        return 0;
    unsigned is = 0;
    if (here->len != 0 || here->peer_ended)
        is |= MR_READ;
    if (here->ended || here->peer == NULL || here->peer->len < MR__PIPE_BYTES)
        is |= MR_WRITE; /* a write would not wait, though it may fail */
    is &= here->asked;
    if (here->peer_ended && (here->asked & MR_READ) != 0)
        is |= MR_HANGUP;
    if (here->peer == NULL || (here->peer_ended && here->ended))
        is |= MR_HANGUP | MR__FULL_HANGUP;
    return here->broken ? is | MR_ERROR : is;
}

static void shuffle(mr__random *random, mr__ready *ready, size_t count)
{
    for (size_t i = count; i > 1; i--) {
        size_t j = (size_t)mr__random_below(random, i);
        mr__ready swapped = ready[i - 1];
        ready[i - 1] = ready[j];
        ready[j] = swapped;
    }
}

size_t mr__pipes_collect(mr__pipes *pipes, mr__random *random, mr__ready *ready, size_t cap)
{
    MR_ASSERT(cap != 0);
    size_t count = 0, i = 0;
    for (; i < pipes->count && count < cap; i++) {
        const end *here = pipes->ends[(pipes->first + i) % pipes->count];
        unsigned events = events_of(here);
        if (events != 0)
            ready[count++] = (mr__ready){.token = here->token, .events = events};
    }
    if (count == cap)
        pipes->first = (pipes->first + i) % pipes->count;
    shuffle(random, ready, count);
    return count;
}

bool mr__pipes_any_ready(const mr__pipes *pipes)
{
    for (size_t i = 0; i < pipes->count; i++)
        if (events_of(pipes->ends[i]) != 0)
            return true;
    return false;
}
