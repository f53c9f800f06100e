function main() {}
const add = (to, name, value) => { to[name] = value; };
add(main, 'extra', 'extra');
module.exports = main;
