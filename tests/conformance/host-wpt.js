// What the web-platform tests ask of a shell, before testharness.js of the checkout:
// process.argv has the checkout, the path of the test in it and its variant.
globalThis.self = globalThis;
globalThis.GLOBAL = { isWindow: () => false, isWorker: () => false, isShadowRealm: () => false };
globalThis.location = {
    origin: 'http://web-platform.test',
    pathname: `/${process.argv[3]}`,
    search: process.argv[4] ?? '',
    get href() { return this.origin + this.pathname + this.search; },
    toString() { return this.href; },
};
// Files of the checkout; nothing else is fetched.
globalThis.fetch = async (name) => {
    const { readFile } = await import('node:fs/promises');
    const [root, path] = [process.argv[2], process.argv[3]];
    const file = name.startsWith('/') ? root + name : `${root}/${path.slice(0, path.lastIndexOf('/'))}/${name}`;
    const bytes = await readFile(file);
    const text = async () => new TextDecoder().decode(bytes);
    return { ok: true, status: 200, text, json: async () => JSON.parse(await text()) };
};
// /common/sab.js takes the constructor of shared buffers from a memory of WebAssembly.
globalThis.WebAssembly = { Memory: class { buffer = new SharedArrayBuffer(0); } };
// idlharness.js asks which kind of global this is, and the list of the structured-clone tests is made with
// blobs, before any of them runs.
if (location.pathname.includes('idlharness')) globalThis.Window = Object;
if (location.pathname.includes('structured-clone')) globalThis.Blob = class Blob {};
// The harness listens for uncaught errors as in a browser: it finds addEventListener until it is loaded.
const harnessListeners = {};
globalThis.addEventListener = (type, listener) => { harnessListeners[type] = listener; };

// A line for each subtest as it ends, RESULT<tab>NAME<tab>MESSAGE, and "harness: done".
function reportResults() {
    delete globalThis.addEventListener;
    const write = console.log.bind(console), { exit } = process;
    setInterval(() => {}, 1e6); // a page stays open; a timer of AbortSignal.timeout keeps nothing alive
    const line = (text) => String(text).toWellFormed().replace(/[\t\n\r\0]/g, ' ');
    const message = (error) => { try { return String(error?.message ?? error); } catch { return 'no text'; } };
    process.on('uncaughtException', (error) => harnessListeners.error?.({ error, message: message(error) }));
    process.on('unhandledRejection', (reason) => harnessListeners.unhandledrejection?.({ reason }));
    add_result_callback((test) => {
        const result = test.status === test.PASS ? 'pass' : test.status === test.PRECONDITION_FAILED ? 'skip' : 'fail';
        write(`${result}\t${line(test.name)}\t${line(test.message ?? '')}`);
    });
    add_completion_callback((tests, status) => {
        if (status.status !== status.OK) write(`fail\tthe harness\t${line(status.message)}`);
        write('harness: done');
        exit(0);
    });
}
