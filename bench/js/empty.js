// One operation: the whole life of a process that has nothing to do. The runner takes its time from
// outside.
