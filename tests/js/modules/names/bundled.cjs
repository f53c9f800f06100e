var all = {};
((to, from) => { for (var name in from) to[name] = from[name](); })(all, { alpha: () => 1, beta: () => 2 });
module.exports = all;
0 && (module.exports = { alpha, beta });
