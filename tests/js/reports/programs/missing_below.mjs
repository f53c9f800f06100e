import './reexports.mjs';
