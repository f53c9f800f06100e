/* The ingress, sleeping and waking, and the end of a loop, as a Spin model.
 *
 * Each step stands for one atomic operation, or one critical section, of src/loop; the comment
 * "model: LABEL" there names the label here. `tests/model/run` checks that the two sets agree.
 *
 * What is assumed of C11:
 *
 *   - All changes of `life`, `stop`, `wakers`, `parked_in_poller` and the gate of an inbox are sequentially
 *     consistent, and so are the loads at the labels PUBLISH to CLEAR, GLANCE, KIND, PEEK and WAIT_WAKERS.
 *     There is one order of them all in which such a load reads the last change, so interleaving is
 *     exact for them.
 *   - The acquire and relaxed loads may read an older value, but none older than what happens
 *     before them. The owner's glances at poke, stop and the lists are sure of what its last exact look
 *     showed, and may miss anything since.
 *   - A task is written by a release store, which may be seen after the look at ASLEEP that follows it:
 *     both orders are tried. It is seen before the wake, which is an exchange.
 *   - A critical section of ingress.lock is one step: what it touches is touched nowhere else,
 *     except by glances, which are free to miss it. So is the hold of the gate: no claim passes
 *     meanwhile. life_lock is a lock here, since under it words are changed that others look at
 *     without it.
 *   - An owner that finds a task claimed and not written goes on with its turn and does not sleep; here it
 *     waits for the task, since nothing else that it does then is shown.
 *   - Futex: the compare with the word and the going to sleep are one step, and it may return for
 *     no reason. Poller: a write stays until it is read. Neither times out for ever, so a wake that
 *     is lost leaves the model stuck, which it is in the futex. Timers, descriptors and signals are
 *     `leaves`: the owner may leave that many of its sleeps by itself.
 *
 * What is proved, for the numbers of threads and tasks given with -D by the runner:
 *
 *   - when nothing can move but the loop sleeps, nothing accepted, asked or poked is waiting
 *     (`quiet`), so no wake is lost;
 *   - a sleep costs one wake at most, and no wake is won outside a sleep;
 *   - no wake is written to a poller that was closed, and nobody reads the poller's pointer while
 *     the owner changes it;
 *   - at CLOSED: accepted = run + discarded, nothing queued, and nothing is accepted afterwards;
 *   - every thread gets to its end, and (with -DNP) the owner never goes round without end.
 *
 * The macros BREAK_* each plant one mistake that the runner expects to be found. */

#ifndef PRODUCERS
#define PRODUCERS 1
#endif
#ifndef TASKS
#define TASKS 1 /* of each producer */
#endif
#ifndef POKERS
#define POKERS 0 /* threads that call mr_loop_wake */
#endif
#ifndef POOL
#define POOL 0 /* 1: a completion is owed, and posted by another thread */
#endif
#ifndef STOPPERS
#define STOPPERS 1 /* threads that call shutdown, close or request_close */
#endif
#ifndef KINDS
#define KINDS 7 /* 1: shutdown, 2: close, 4: request_close */
#endif
#ifndef LEAVES
#define LEAVES 0
#endif
#ifndef REBUILDS
#define REBUILDS 0 /* the poller's set is made anew that often */
#endif
#ifndef MODES
#define MODES 3 /* 1: futex, 2: poller, 3: any at each sleep */
#endif
#ifndef FAILURES
#define FAILURES 0 /* waits in the poller that fail */
#endif

#define RUNNING 1
#define STOPPING 2
#define CLOSED 3
#define NONE 0
#define SHUTDOWN 1
#define CLOSE 2
#define FAILED 3

/* The life word: changed in one step each, read as a whole. */
byte phase = RUNNING;
bool asleep, poked;
#define LIFE (phase + (asleep -> 4 : 0) + (poked -> 8 : 0))

byte stop;
byte wakers;
bool parked_in_poller;

/* an inbox */
#define MOST (PRODUCERS * TASKS + 1)
bool open_to_all = true; /* a flag of the gate */
byte gate, head;         /* positions: first not claimed, first not taken */
bool written[MOST];
#define QUEUED (gate - head)

/* ingress.lock */
bool completions_shut;
byte posted, owed = POOL;
bool fresh;      /* something was posted since the owner last held the lock */

/* life_lock */
bool life_lock, driven = true;

/* owner part */
byte arrived;

/* the kernel */
bool in_futex;      /* the owner sleeps on the life word */
byte poller;        /* the pointer: 0 none, else which one */
bool is_open[3];
bool rung[3];       /* its eventfd */

/* for the claims */
byte accepted, ran, discarded, reading, sent;
bool sleeping, quiet, ended;

/* Between winning and having woken: the claims about a wake. */
inline won_wake()
{
    sent++;
    assert(sleeping);  /* none while the loop runs */
    assert(sent == 1)  /* one a sleep */
}

inline send_wake()
{
    if
    :: atomic { parked_in_poller -> reading++ }; /* the same step as KIND's load */
        atomic { which = poller; reading-- };
WRITE:  atomic {
            assert(which != 0 && is_open[which]);
            rung[which] = true;
            which = 0
        }
    :: atomic { !parked_in_poller };
FUTEX_WAKE:
        in_futex = false
    fi
}

/* wake_slow */
inline wake_slow()
{
    skip; /* Spin wants no label first */
#ifndef BREAK_COUNT_AFTER_WIN
COUNT:
    wakers++;
#endif
#ifdef BREAK_CLEAR_LATE
WIN:
    if
    :: atomic { asleep -> won_wake() };
#else
WIN:
    atomic {
        won = asleep;
        asleep = false;
        if
        :: won -> won_wake()
        :: else
        fi
    };
    if
    :: atomic { won -> won = false };
#endif
#ifdef BREAK_COUNT_AFTER_WIN
COUNT:
        wakers++;
#endif
KIND:
        send_wake();
#ifdef BREAK_CLEAR_LATE
        atomic { asleep = false };
#endif
#ifdef BREAK_COUNT_AFTER_WIN
        wakers--
#endif
    :: else
    fi;
#ifndef BREAK_COUNT_AFTER_WIN
UNCOUNT:
    wakers--
#endif
}

/* mr__wake_if_asleep */
inline wake_if_asleep()
{
    skip;
GLANCE:
    if
    :: asleep -> wake_slow()
    :: !asleep
    fi
}

/* mr__wake_always */
inline wake_always()
{
    skip;
POKE:
    atomic { poked = true; won = asleep };
    if
    :: atomic { won -> won = false }; wake_slow()
    :: else
    fi
}

/* submit by another thread than the owner */
proctype Producer()
{
    byte which, left = TASKS, mine;
    bool won, claimed, saw;
    do
    :: left != 0 ->
        left--;
#ifdef BREAK_GLANCE_FIRST
        wake_if_asleep();
#endif
CLAIM:
        atomic {
            if
            :: open_to_all -> assert(!ended); mine = gate; gate++; accepted++; claimed = true
            :: else
            fi
        };
        if
        :: atomic { claimed -> claimed = false };
#ifdef BREAK_LOOK_FOR_WRITTEN
            atomic { saw = asleep };
WRITTEN:    written[mine] = true;
            if
            :: saw -> wake_slow()
            :: else
            fi
#else
            if
            :: true ->
WRITTEN:        written[mine] = true;
#ifndef BREAK_GLANCE_FIRST
                wake_if_asleep()
#endif
            :: atomic { saw = asleep }; /* the store is seen late */
                written[mine] = true;
                if
#ifndef BREAK_GLANCE_FIRST
                :: atomic { saw -> saw = false }; wake_slow()
#endif
                :: else
                fi
            fi
#endif
        :: else
        fi
    :: else -> break
    od
}

/* mr__completion_post: reserved before, so it cannot be refused, except after a close. */
proctype Poster()
{
    byte which;
    bool won;
POST:
    atomic {
        if
        :: !completions_shut -> assert(!ended); posted++; accepted++; fresh = true
        :: else
        fi
    };
    wake_if_asleep()
}

/* mr_loop_wake */
proctype Poker()
{
    byte which;
    bool won;
PHASE: /* an acquire load: may miss that the loop has closed */
    if
    :: phase == CLOSED
    :: true -> wake_always()
    fi
}

/* shutdown, close and request_close from elsewhere: at any moment, or once the loop is quiet. */
proctype Stopper()
{
    byte which, kind;
    bool won, waits = true, later;
    if
    :: true
    :: later = true
    fi;
    atomic { !later || quiet -> later = false };
    if
    :: (KINDS & 1) != 0 -> kind = SHUTDOWN
    :: (KINDS & 2) != 0 -> kind = CLOSE
    :: (KINDS & 4) != 0 -> kind = CLOSE; waits = false
    fi;
    atomic { !life_lock -> life_lock = true };
    if
    :: phase != CLOSED ->
RAISE:
        if
        :: stop < kind -> stop = kind
        :: else
        fi;
        if
        :: phase == RUNNING ->
SHUT_OUT:   open_to_all = false;
SET_PHASE:  phase = STOPPING
        :: else
        fi
    :: else
    fi;
    if
    :: !waits -> life_lock = false /* request_close wakes outside the lock */
    :: else
    fi;
    wake_always();
    if
    :: waits ->
        life_lock = false;
        atomic { phase == CLOSED && !driven && !life_lock }
    :: else
    fi
}

/* mr__stopping and mr__closing on the owner: relaxed loads of stop, which never go back. */
#define SEES(least) atomic { stop >= least -> seen_stop = stop }
#define MISSES(least) (stop < least || seen_stop < least)

/* mr_loop_run, from its first turn to its end. */
proctype Owner()
{
    byte life, seen_stop, fails = FAILURES, leaves = LEAVES, rebuilds = REBUILDS, there;
    bool draining, work, seen_poke;

TURN:
BEGIN: /* a relaxed load, then the change */
    if
    :: poked ->
TAKE_POKE:
        atomic { poked = false }
    :: !poked || !seen_poke
    fi;
    seen_poke = false;
    goto LOOK;

DRAIN:
    draining = true;
    if
    :: SEES(CLOSE) -> goto FINISH
    :: MISSES(CLOSE)
    fi;
    atomic { /* queues_empty, mr__ingress_waiting */
        fresh = false;
        work = QUEUED + arrived + posted != 0
    };
    if
    :: work -> goto PHASES
    :: else
    fi;
SHUT:
    atomic { /* mr__ingress_shut, not forced */
        fresh = false;
        if
        :: QUEUED + posted + owed == 0 -> completions_shut = true; open_to_all = false; work = true
        :: else -> work = false
        fi
    };
    if
    :: atomic { work -> work = false }; goto FINISH
    :: else
    fi;
#ifndef BREAK_DRAIN_KEEPS_POKE
DRAIN_POKE:
    atomic { poked = false };
#endif
    goto PARK;

    /* mr__work_seen before parking is a saving only; what it finds is not waited for. */
LOOK:
    if
    :: SEES(SHUTDOWN) -> goto ENDING
    :: MISSES(SHUTDOWN)
    fi;
    atomic {
        fresh = false;
        work = poked || stop != NONE || QUEUED + arrived + posted != 0;
        seen_poke = poked;
        seen_stop = stop
    };
    if
    :: work -> goto PHASES
    :: else
    fi;

PARK:
    if /* modes come from watches and set_park */
    :: (MODES & 1) != 0 ->
CHOOSE:
        parked_in_poller = false
    :: (MODES & 2) != 0 ->
        if
        :: poller == 0 -> atomic { assert(reading == 0); poller = 1; is_open[1] = true }
        :: else
        fi;
        parked_in_poller = true
    fi;
#ifdef BREAK_LOOK_FIRST
    atomic { fresh = false; work = QUEUED + posted != 0 };
#endif
PUBLISH:
    atomic { asleep = true; sleeping = true };
#if !defined(BREAK_NO_SECOND_LOOK) && !defined(BREAK_LOOK_FIRST)
LOOK_AGAIN:
    atomic { work = poked; seen_poke = poked };
LOOK_STOP:
    atomic { work = work || stop > (draining -> SHUTDOWN : NONE) || arrived != 0; seen_stop = stop };
#ifdef BREAK_LOOK_FOR_WRITTEN
    atomic { work = work || written[head] };
#else
LOOK_CLAIMED:
    atomic { work = work || QUEUED != 0 };
#endif
#ifdef BREAK_LOOK_UNLOCKED
    if
    :: posted != 0 -> work = true
    :: fresh || posted == 0
    fi;
#else
LOOK_LOCKED:
    atomic { fresh = false; work = work || posted != 0 };
#endif
#endif
    do
    :: atomic { work -> work = false }; break
    :: else ->
STILL_ASLEEP:
        atomic { life = LIFE };
        if
        :: (life & 4) == 0 -> break
        :: else
        fi;
        if
        :: !parked_in_poller ->
SLEEP_FUTEX:
            atomic { in_futex = (life == LIFE); life = 0 };
            if
            :: !in_futex
            :: atomic { in_futex && leaves > 0 -> leaves--; in_futex = false }; break
            fi
        :: else ->
            life = 0;
SLEEP_POLLER:
            if
            :: atomic { rung[poller] -> rung[poller] = false }
            :: atomic { leaves > 0 -> leaves-- }; break
            :: atomic { fails > 0 -> fails--; !life_lock -> life_lock = true };
                /* mr__poller_failed: mr__request_stop on the owner */
                stop = FAILED;
                if
                :: phase == RUNNING ->
                    atomic { fresh = false; open_to_all = false };
                    phase = STOPPING
                :: else
                fi;
                life_lock = false;
                break
            fi
        fi
    od;
    life = 0;
#ifdef BREAK_OWNER_KEEPS_ASLEEP
    atomic { sleeping = false };
#else
CLEAR:
    atomic { asleep = false; sleeping = false; sent = 0 };
#endif
    if
    :: atomic { rebuilds > 0 && poller == 1 -> rebuilds-- }; /* rebuild: between sleeps only */
        is_open[2] = true;
#ifdef BREAK_SWAP_BEFORE_WAIT
        atomic { assert(reading == 0); poller = 2 };
#endif
        atomic { wakers == 0 };
#ifndef BREAK_SWAP_BEFORE_WAIT
SWAP_POLLER:
        atomic { assert(reading == 0); poller = 2 };
#endif
        is_open[1] = false
    :: true
    fi;

PHASES:
GLANCE_STOP:
    if
    :: draining
    :: else ->
        if
        :: SEES(SHUTDOWN) -> goto ENDING
        :: MISSES(SHUTDOWN)
        fi
    fi;
TAKE: /* completions: `signal` is looked at without the lock */
    if
    :: atomic {
            posted != 0 ->
            fresh = false;
            arrived = arrived + posted;
            posted = 0
        }
    :: fresh || posted == 0
    fi;
    do
    :: arrived != 0 && MISSES(CLOSE) ->
        atomic { arrived--; ran++ };
        atomic { fresh = false; owed-- }
    :: arrived == 0 -> break
    :: SEES(CLOSE) -> break
    od;
PEEK: /* mr__inbox_pending on the owner */
    there = QUEUED;
    do
    :: there != 0 && MISSES(CLOSE) ->
TAKE_WRITTEN:
        atomic { written[head] -> head++; there--; ran++ };
        if
        :: draining
        :: atomic { !draining && stop != NONE -> seen_stop = stop }; break
        :: !draining && MISSES(SHUTDOWN)
        fi
    :: SEES(CLOSE) -> break
    :: there == 0 -> break
    od;
    there = 0;
    if
    :: draining -> goto DRAIN
    :: else -> goto TURN
    fi;

ENDING:
    if
    :: SEES(CLOSE) -> goto FINISH
    :: MISSES(CLOSE) -> goto DRAIN
    fi;

FINISH:
    work = false;
#ifndef BREAK_SHUT_AFTER_DISCARD
SHUT_FORCED:
    atomic { completions_shut = true; open_to_all = false };
#endif
    do
    :: atomic { QUEUED != 0 && written[head] -> head++; discarded++ }
    :: QUEUED == 0 -> break
    od;
    atomic {
        discarded = discarded + arrived + posted;
        arrived = 0;
        posted = 0
    };
#ifdef BREAK_SHUT_AFTER_DISCARD
    atomic { completions_shut = true; open_to_all = false };
#endif
    atomic { !life_lock -> life_lock = true };
    phase = CLOSED;
    life_lock = false;
#ifndef BREAK_CLOSE_AT_ONCE
WAIT_WAKERS:
    wakers == 0;
#endif
    atomic {
        assert(reading == 0);
        is_open[1] = false;
        is_open[2] = false;
        poller = 0
    };
    atomic {
        assert(QUEUED + posted + arrived == 0);
        assert(accepted == ran + discarded);
        ended = true
    };
    atomic { !life_lock -> driven = false } /* leave */
}

/* When nobody can move: nothing waits, or a wake was lost. */
proctype Quiet()
{
    timeout;
    if
    :: !ended ->
        assert(QUEUED + posted + arrived == 0);
        assert(!poked);
        assert(stop == NONE)
    :: else
    fi;
    quiet = true
}

init {
    byte n;
    atomic {
        run Owner();
        do :: n < PRODUCERS -> run Producer(); n++ :: else -> n = 0; break od;
        do :: n < POOL -> run Poster(); n++ :: else -> n = 0; break od;
        run Quiet();
        do :: n < POKERS -> run Poker(); n++ :: else -> n = 0; break od;
        do :: n < STOPPERS -> run Stopper(); n++ :: else -> n = 0; break od
    }
}
