/* node:util/types */
return require('internal/types');
