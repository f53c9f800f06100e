/* node:util/types */
return require('internal/typetests');
