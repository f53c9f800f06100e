/* The owner's calls outside any run against a thread that comes to drive the loop, as in src/loop:
 * mr__owner_holds and mr__owner_lets_go (core.h), drive, take and leave (life.c).
 *
 * Two threads, M the owner at first; each drives the loop or calls for the wheel, in any order. Who
 * drives becomes owner and remains so after leaving, until another drives. Nobody else may ever be at
 * the wheel, and nobody together with another. The words driver, owner and held are changed and read in
 * sequentially consistent order in the code (the owner's own id relaxed, by its coherence), so
 * interleavings of single steps are all there is. life_lock keeps drivers apart.
 *
 * -DBREAK_DRIVE_AT_ONCE: who comes to drive does not wait for `held`.
 * -DBREAK_LOOK_FIRST: the owner looks at the driver before it holds.
 * -DBREAK_HOLD_BY_STORE: a store takes `held`, so that two may have it. */
#ifndef STEPS
#define STEPS 2 /* of each thread */
#endif
#define M 1
#define T 2

byte driver = 0, owner = M, at_wheel = 0;
bool held = false, life_lock = false;

inline use_wheel(self)
{
    at_wheel++;
    assert(at_wheel == 1 && owner == self);
    at_wheel--;
}

/* A call of any thread: at once as the owner outside a run, else the long way (not shown). */
inline call_outside(self)
{
    if
    :: owner != self -> skip
    :: else ->
#ifdef BREAK_LOOK_FIRST
        if
        :: driver != 0 -> skip
        :: else ->
            held = true;
            use_wheel(self);
            held = false
        fi
#else
#ifdef BREAK_HOLD_BY_STORE
        held = true; won = true;
#else
HOLD:
        atomic { won = !held; held = true };
#endif
        if
        :: !won -> skip
        :: else ->
LOOK_DRIVER:
            if
            :: driver == 0 ->
                if
                :: owner == self -> use_wheel(self)
                :: else -> skip
                fi
            :: else -> skip
            fi;
LET_GO:
            held = false
        fi
#endif
    fi
}

inline drive(self)
{
    atomic { !life_lock -> life_lock = true };
    if
    :: driver != 0 -> life_lock = false /* refused: it runs already */
    :: else ->
DRIVE:
        driver = self;
#ifndef BREAK_DRIVE_AT_ONCE
WAIT_HELD:
        !held;
#endif
OWN:
        owner = self;
        life_lock = false;
        use_wheel(self);
        atomic { !life_lock -> life_lock = true };
LEAVE:
        driver = 0;
        life_lock = false
    fi
}

proctype thread(byte self)
{
    bool won;
    byte n = 0;
    do
    :: n < STEPS -> call_outside(self); n++
    :: n < STEPS -> drive(self); n++
    :: else -> break
    od
}

init
{
    atomic { run thread(M); run thread(T) }
}
