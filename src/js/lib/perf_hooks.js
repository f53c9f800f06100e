/* node:perf_hooks: the global performance. */
const { performance } = globalThis;

return performance === undefined ? {} : { performance };
