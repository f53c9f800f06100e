// What fails: message, properties and their order; wrong arguments.
const fs = require('fs');
const os = require('os');
const path = require('path');

const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'millrace-fs-'));
process.on('exit', () => fs.rmSync(dir, { recursive: true }));
const at = (name) => path.join(dir, name);
fs.mkdirSync(at('folder'));
fs.writeFileSync(at('folder/file'), '');
fs.symlinkSync('nowhere', at('broken'));
const strip = (text) => (typeof text === 'string' ? text.replaceAll(dir, 'DIR') : text);

function tell(error) {
    console.log(`  ${error.name} ${strip(error.message)}`);
    console.log(`  ${Object.keys(error)} ${error.errno} ${strip(error.path)} ${strip(error.dest)}`);
}

function attempt(name, ...args) {
    console.log(name);
    try {
        fs[name](...args);
        console.log('  no error');
    } catch (error) {
        tell(error);
    }
}

attempt('readFileSync', at('no'));
attempt('readFileSync', at('folder'));
attempt('readFileSync', at('folder/file/x'), 'utf8');
attempt('writeFileSync', at('no/file'), '');
attempt('openSync', at('folder'), 'w');
attempt('statSync', at('no'));
attempt('lstatSync', at('no'));
attempt('accessSync', at('no'));
attempt('readdirSync', at('no'));
attempt('readdirSync', at('folder/file'));
attempt('mkdirSync', at('folder'));
attempt('mkdirSync', at('no/folder'));
attempt('mkdirSync', at('folder/file/a/b'), { recursive: true });
attempt('mkdirSync', at('folder/file'), { recursive: true });
attempt('rmdirSync', at('folder'));
attempt('rmdirSync', at('folder/file'));
attempt('rmSync', at('no'));
attempt('rmSync', at('no'), { force: true });
attempt('rmSync', at('folder'));
attempt('unlinkSync', at('folder'));
attempt('renameSync', at('no'), at('new'));
attempt('copyFileSync', at('no'), at('new'));
attempt('copyFileSync', at('folder'), at('new'));
attempt('linkSync', at('no'), at('new'));
attempt('symlinkSync', 'target', at('folder'));
attempt('readlinkSync', at('folder'));
attempt('realpathSync', at('no/deeper'));
attempt('realpathSync', at('broken'));
attempt('chmodSync', at('no'), 0o600);
attempt('truncateSync', at('no'));
attempt('utimesSync', at('no'), 1, 1);
attempt('mkdtempSync', at('no/prefix-'));
attempt('closeSync', 999);
attempt('readSync', 999, new Uint8Array(1));
attempt('fstatSync', 999);

console.log('arguments');
function code(name, ...args) {
    try {
        console.log(name, 'gave', fs[name](...args));
    } catch (error) {
        console.log(name, error.name, error.code);
    }
}
code('readFileSync');
code('readFileSync', true);
code('readFileSync', 'a\0b');
code('readFileSync', at('folder/file'), 'no-encoding');
code('readFileSync', at('folder/file'), 7);
code('readFileSync', -1);
code('openSync', at('folder/file'), 'z');
code('openSync', at('folder/file'), 'r', '9');
code('openSync', at('folder/file'), 'r', -1);
code('writeFileSync', at('x'), {});
code('writeFileSync', at('x'), undefined);
code('writeFileSync', at('x'), '', { flush: 1 });
code('mkdirSync', at('x'), { recursive: 1 });
code('rmSync', at('x'), { force: 1 });
code('rmSync', at('x'), { maxRetries: -1 });
code('symlinkSync', 'a', at('x'), 'wrong');
code('accessSync', at('x'), 9);
code('copyFileSync', at('x'), at('y'), 8);
code('copyFileSync', at('x'));
code('utimesSync', at('x'), NaN, 1);
code('utimesSync', at('x'), 1, 'x');
code('truncateSync', at('folder/file'), '1');
code('closeSync', '1');
code('closeSync', 1.5);
code('readSync', 0, []);
code('readSync', 0, new Uint8Array(2), 3);
code('readSync', 0, new Uint8Array(2), 0, 3);
code('readSync', 0, new Uint8Array(2), 0, 1, 'x');
code('readSync', 0, new Uint8Array(2), 0, 1, -2);
code('writeSync', 1, new Uint8Array(2), 3);
code('writeSync', 1, new Uint8Array(2), 0, 3);
code('writeSync', 1, {});
code('readFile', at('folder/file'));
code('stat', at('folder/file'), {});
code('exists', at('folder/file'));
code('existsSync');
code('statSync', at('no'), { throwIfNoEntry: false });

(async () => {
    console.log('promises');
    const { promises } = fs;
    const calls = [
        promises.readFile(at('no')), promises.readFile(at('folder')), promises.stat(at('no')),
        promises.open(at('no')), promises.mkdir(at('folder')), promises.rm(at('folder')),
        promises.readdir(at('no')), promises.realpath(at('no/deeper')), promises.access(at('no')),
        promises.rename(at('no'), at('new')), promises.copyFile(at('no'), at('new')),
        promises.readFile(true), promises.open(at('folder/file'), 'z'), promises.stat('a\0'),
        promises.writeFile(at('x'), 5), promises.truncate(at('folder/file'), {}),
    ];
    for (const { reason } of await Promise.allSettled(calls)) {
        tell(reason);
    }
    fs.readFile(at('no'), (error, data) => {
        tell(error);
        console.log(data);
    });
})();
