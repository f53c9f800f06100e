/* node:process: the global process object. */
return require('internal/process').process;
