// Users, mask and processor time of the process.
'use strict';
const { cpuUsage, getuid, geteuid, getgid, getegid, umask } = process;
console.log([getuid(), geteuid(), getgid(), getegid()].every(Number.isInteger));
const before = umask();
console.log(umask('077') === before, umask(0o22) === 0o77, umask(before) === 0o22, umask() === before);
const usage = cpuUsage();
console.log(Object.keys(usage), usage.user >= 0 && usage.system >= 0);
const since = cpuUsage(usage);
console.log(since.user >= 0, since.system >= 0, cpuUsage.length);
for (const wrong of [() => umask('9'), () => umask({}), () => umask(-1), () => cpuUsage(5),
    () => cpuUsage({ user: 'x' })]) {
    try {
        console.log(wrong());
    } catch (error) {
        console.log(error.name, error.code, error.message);
    }
}
