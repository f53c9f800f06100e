// Runs the conformance tests of Promises/A+ against the Promise of the runtime they run in:
//   millrace run --unhandled-rejections=none suite.cjs
// The tests are written for mocha: describe, specify, beforeEach and afterEach are as much of it as
// they use. Tests run one after the other, in the order of their definition.
'use strict';

const EXPECTED = 872; // what version 2.1.2 of the suite has
const LONGEST_MS = 5000; // a test that has not called done by then has failed

let group = { name: '', parent: null, before: [], after: [] };
const tests = [];

globalThis.describe = (name, define) => {
    group = { name, parent: group, before: [], after: [] };
    define();
    group = group.parent;
};
globalThis.specify = globalThis.it = (name, body) => {
    tests.push({ name, body, group });
};
globalThis.beforeEach = (body) => group.before.push(body);
globalThis.afterEach = (body) => group.after.push(body);

function deferred() { // Promise.withResolvers, which Node.js 20 has not
    let resolve, reject;
    const promise = new Promise((...functions) => {
        [resolve, reject] = functions;
    });
    return { promise, resolve, reject };
}

globalThis.adapter = {
    deferred,
    resolved: (value) => Promise.resolve(value),
    rejected: (reason) => Promise.reject(reason),
};

// Call a function in mocha's manner: one with a parameter ends when it calls that. Whatever is thrown
// meanwhile, in a callback too, is the test's failure.
let failCurrent = null;
let afterwards = []; // what went wrong once the function had ended
process.on('uncaughtException', (error) => {
    if (failCurrent === null) afterwards.push(error);
    else failCurrent(error);
});

function call(body) {
    return new Promise((resolve, reject) => {
        const timer = setTimeout(() => end(new Error('done was not called')), LONGEST_MS);
        let ended = false;
        const end = (error) => {
            if (ended) {
                afterwards.push(error ?? new Error('done was called twice'));
                return;
            }
            ended = true;
            clearTimeout(timer);
            failCurrent = null;
            if (error) reject(error);
            else resolve();
        };
        failCurrent = (error) => end(error || new Error('thrown: ' + String(error)));
        try {
            body(end);
        } catch (error) {
            failCurrent?.(error);
            return;
        }
        if (body.length === 0) end();
    });
}

function groupsOf(test) {
    const groups = [];
    for (let at = test.group; at !== null; at = at.parent) groups.unshift(at);
    return groups;
}

async function run(test) {
    const groups = groupsOf(test);
    for (const { before } of groups) for (const body of before) await call(body);
    await call(test.body);
    for (const { after } of groups.reverse()) for (const body of after) await call(body);
}

async function outcome(test) {
    afterwards = [];
    try {
        await run(test);
    } catch (error) {
        return [error];
    }
    await new Promise((resolve) => setTimeout(resolve, 0)); // what the test left behind runs out
    return afterwards;
}

async function runAll() {
    let failed = 0;
    for (const test of tests) {
        const errors = await outcome(test);
        if (errors.length === 0) continue;
        failed++;
        console.log('not ok', [...groupsOf(test).map(({ name }) => name), test.name].join(' / '));
        for (const error of errors) console.log('   ', error);
    }
    if (tests.length !== EXPECTED) console.log(`${tests.length} tests were found, not ${EXPECTED}`);
    console.log(`${tests.length - failed} passed, ${failed} failed`);
    process.exitCode = failed === 0 && tests.length === EXPECTED ? 0 : 1;
}

require('promises-aplus-tests/lib/testFiles');
runAll();
