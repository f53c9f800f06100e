// The process object: chain, tags, attributes, values.
const proto = Object.getPrototypeOf(process);
console.log(Object.prototype.toString.call(process), proto.constructor.name, Object.getPrototypeOf(proto) === require('events').prototype);
const attributes = (object, name) => {
    const d = Object.getOwnPropertyDescriptor(object, name);
    return d && `${'value' in d ? 'data' : 'accessor'} ${d.writable ? 'W' : '-'}${d.enumerable ? 'E' : '-'}${d.configurable ? 'C' : '-'}`;
};
for (const name of ['version', 'versions', 'arch', 'platform', 'release', 'argv', 'execArgv', 'env', 'pid', 'execPath', 'title', 'exitCode', 'exit', 'emitWarning', 'hrtime', 'nextTick', 'uptime', 'cwd', 'chdir', 'memoryUsage', 'stdin', 'stdout', 'stderr'])
    console.log(name, attributes(process, name));
for (const name of ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'setImmediate', 'clearImmediate', 'queueMicrotask'])
    console.log(name, attributes(globalThis, name), typeof globalThis[name], globalThis[name].name);
for (const name of ['console']) console.log(name, attributes(globalThis, name));
const d = Object.getOwnPropertyDescriptor(globalThis, 'performance');
console.log(d.get.name, d.set.name, d.enumerable, d.configurable);
console.log(typeof process.pid, typeof process.ppid, process.platform, typeof process.arch, process.argv.length, global === globalThis);
console.log(process.cwd() === __dirname, process.argv[1] === __filename, process.execPath === process.argv[0]);
console.log(process.hrtime().length, typeof process.hrtime.bigint(), process.uptime() > 0, Object.keys(process.memoryUsage()).join());
const before = process.hrtime();
console.log(process.hrtime(before)[0], process.memoryUsage.rss() > 1e6);
const start = performance.now();
console.log(start > 0, performance.now() >= start, Math.abs(performance.timeOrigin + performance.now() - Date.now()) < 100, 'timeOrigin' in performance.toJSON());
for (const bad of [1, 'x', {}]) { try { process.hrtime(bad); } catch (e) { console.log(e.code, e.message); } }
try { process.hrtime([1]); } catch (e) { console.log(e.code, e.message); }
try { process.chdir('/no/such/folder'); } catch (e) { console.log(e.code, e.syscall, e.dest, e.message.replace(process.cwd(), 'HERE')); }
try { process.chdir(1); } catch (e) { console.log(e.code, e.message); }
process.chdir('/');
console.log(process.cwd());
performance = 5;
console.log(performance);
