function load() { return require('./nope'); }
load();
