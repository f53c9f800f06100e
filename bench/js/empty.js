// startup: the whole life of a process that has nothing to do, taken from outside, and its memory.
