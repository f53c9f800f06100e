/* The return addresses of the calls that led here. */
#ifndef MR_OS_BACKTRACE_H
#define MR_OS_BACKTRACE_H

/* Fill frames with up to cap of them, innermost first, this function's own caller included. Returns how
 * many; 0 where the system cannot tell. */
unsigned mr__backtrace(void **frames, unsigned cap);

#endif
