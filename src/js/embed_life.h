/* The ends of a runtime and the hooks of its host. */
#ifndef MR_JS_EMBED_LIFE_H
#define MR_JS_EMBED_LIFE_H

#include "js/runtime.h"

/* Be told of turns and of the loop's end. */
void mr__js_life_begin(mr_js *js);
void mr__js_life_end(mr_js *js); /* no more; tolerates a runtime that never began */
/* The hook `created`: what it answers. */
mr_status mr__js_hook_created(mr_js *js);
/* What follows the last JavaScript, once: pairs the turn, empties what C holds, tells of the shutdown.
 * The gate is shut, no script on the stack. */
void mr__js_conclude(mr_js *js);

#endif
