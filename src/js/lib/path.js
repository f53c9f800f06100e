/* node:path: the paths of this system, with both kinds as members of both. */
const posix = require('internal/posixpath');
const win32 = require('internal/win32path');

posix.win32 = win32.win32 = win32;
posix.posix = win32.posix = posix;
/* Old names. */
posix._makeLong = posix.toNamespacedPath;
win32._makeLong = win32.toNamespacedPath;

return posix;
