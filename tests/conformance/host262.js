// What test262 asks of its host, before the harness files of the checkout.
globalThis.print = console.log;
globalThis.$262 = {
    global: globalThis,
    gc() {},
    detachArrayBuffer(buffer) { buffer.transfer(); },
    evalScript(text) { return (0, eval)(text); },
    // A module that did not load or threw ends the run as a script that threw.
    reject(error) { setTimeout(() => { throw error; }); },
};
