// D8 dispose twice, using
// [Symbol.dispose], twice, and `using`.
const out = [];
{
    const t = setTimeout(() => out.push('must not run'), 1);
    t[Symbol.dispose]();
    t[Symbol.dispose]();
    const i = setImmediate(() => out.push('must not run'));
    i[Symbol.dispose]();
}
{
    using t = setTimeout(() => out.push('must not run'), 1);
    using i = setImmediate(() => out.push('must not run'));
}
setTimeout(() => console.log(out.length, Object.getOwnPropertyNames(setTimeout(() => {}, 0)).length), 10);
