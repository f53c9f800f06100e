/* What a script is told of time, chance and its process: the real ones, or, on a simulated loop,
 * those of the virtual clock and the seed. */
#ifndef MR_JS_SIMULATION_H
#define MR_JS_SIMULATION_H

#include "js/runtime.h"

/* On a simulated loop: a Date that reads the virtual clock, a Math.random that draws from the seed.
 * Elsewhere nothing. Before everything that keeps a built-in. */
int mr__js_simulation_install(mr_js *js, JSValueConst global);
/* Put the built-ins back: the runtime was not made after all. */
void mr__js_simulation_undo(mr_js *js, JSValueConst global);
void mr__js_simulation_destroy(mr_js *js);

/* The loop's clock, for a script that asks for the time. Simulated, a script that asks over and over
 * in one callback is waiting: from some number of readings on each moves the clock a little. */
uint64_t mr__js_clock(mr_js *js);
/* Unix time in ms; simulated: 2000-01-01T00:00:00Z and what the loop's clock shows. */
double mr__js_wall_ms(mr_js *js);
int mr__js_pid(const mr_js *js);
int mr__js_ppid(const mr_js *js);
/* A number from the seed; 0 in the real world. */
uint64_t mr__js_chance(mr_js *js);

#endif
