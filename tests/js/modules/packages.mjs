import './packages/imports.js';
