/* node:perf_hooks: the global performance and the classes of its timeline. */
const { Performance, PerformanceEntry, PerformanceMark, PerformanceMeasure, performance } =
    binding('webapi');

return { Performance, PerformanceEntry, PerformanceMark, PerformanceMeasure, performance };
