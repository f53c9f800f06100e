// The order in which Node.js runs small programs of promises: what promise_orders.h was made with.
//
//   node promise_orders.mjs 'PROGRAM'...   say what each program does
//   node promise_orders.mjs --random N [SEED]   N random programs, with what they do
//   node promise_orders.mjs --table PROGRAM...  the same as lines of promise_orders.h
//
// A program is "TASKS/ROUTINE/ROUTINE...". The first TASKS routines run as callbacks of the loop, each
// with its checkpoint. A routine is statements, with a space after each, and an end: "<x" returns x,
// "!x" throws it, nothing returns undefined. Each statement below the line makes a promise; x is a number,
// pN (promise N, modulo how many there are) or a (the routine's argument); r a routine or -.
//
//   sN,x rN,x   resolve, reject promise N, if it has a settler      mr kr   microtask, tick
//   --------
//   n           pending, with a settler                             vx ex   resolved, rejected
//   yr          try                     tN,r,r cN,r fN,r            then, catch, finally
//   Ax,x Sx,x Yx,x Rx,x                 all, allSettled, any, race
//
// Told are: the routines that run, with their arguments; uN: promise N was reported as unhandled;
// hN: and then was handled.

const MOST = 60; // statements

class Ring extends Error {}

let story, vars, settlers, leaves, routines, budget, follows;

function number(promise) {
    return vars.indexOf(promise);
}

function show(x) {
    if (x === undefined) return '-';
    if (x instanceof Promise) return `P${number(x)}`;
    if (x instanceof AggregateError) return `agg[${x.errors.map(show).join()}]`;
    if (x instanceof TypeError) return 'cycle';
    if (Array.isArray(x)) return `[${x.map(show).join()}]`;
    if (typeof x === 'object') return x.status === 'fulfilled' ? `f${show(x.value)}` : `r${show(x.reason)}`;
    return String(x);
}

// What C answers with MR_ECYCLE and ECMA-262 leaves pending for ever: not to be compared.
function following(promise, x) {
    if (!(x instanceof Promise)) return;
    for (let at = x; at; at = follows.get(at)) {
        if (at !== promise) continue;
        if (x !== promise) throw new Ring();
        return;
    }
    follows.set(promise, x);
}

function operand(text, argument) {
    if (text === 'a') return argument;
    if (text[0] === 'p') return vars.length ? vars[Number(text.slice(1)) % vars.length] : 0;
    return Number(text);
}

// A promise is a reason only if it holds no other one: C would leak two that are each other's reason.
function reason(text, argument) {
    const x = operand(text, argument);
    return x === undefined || (x instanceof Promise && !leaves.has(x)) ? 0 : x;
}

function run(index, argument, own) {
    const words = routines[index].split(' ').filter(Boolean);
    story.push(own === null ? `${index}` : `${index}:${show(argument)}`);
    for (const word of words) {
        if (word[0] === '<' || word[0] === '!') {
            if (word[0] === '!') throw reason(word.slice(1), argument);
            const x = operand(word.slice(1), argument);
            if (own && own.promise) following(own.promise, x);
            return x;
        }
        if (budget-- > 0) statement(word, argument);
    }
    return undefined;
}

function guarded(index, argument, own) {
    try {
        return run(index, argument, own);
    } catch (e) {
        if (e instanceof Ring) ring = true;
        throw e;
    }
}

let ring;

function handler(text, own) {
    return text === '-' ? undefined : (x) => guarded(Number(text), x, own);
}

function made(promise, settler) {
    vars.push(promise);
    settlers.push(settler);
    return promise;
}

function leaf(x, of) {
    const promise = made(of(x));
    if (typeof x === 'number') leaves.add(promise);
}

function statement(word, argument) {
    const op = word[0], args = word.slice(1).split(',');
    const x = (i) => operand(args[i], argument);
    const p = (i) => vars[Number(args[i]) % vars.length];
    const own = {};
    if ('tcf'.includes(op) && vars.length === 0) return;
    switch (op) {
    case 'n': {
        let settler;
        const promise = new Promise((resolve, reject) => { settler = {resolve, reject, spent: false}; });
        made(promise, settler);
        break;
    }
    case 'v': leaf(x(0), (y) => Promise.resolve(y)); break;
    case 'e': leaf(reason(args[0], argument), (y) => Promise.reject(y)); break;
    case 'y': {
        let result, failed = false;
        try { result = guarded(Number(args[0]), undefined, own); } catch (e) { result = e; failed = true; }
        made(own.promise = new Promise((resolve, reject) => { failed ? reject(result) : resolve(result); }));
        if (!failed && result instanceof Promise) follows.set(own.promise, result);
        break;
    }
    case 't': own.promise = made(p(0).then(handler(args[1], own), handler(args[2], own))); break;
    case 'c': own.promise = made(p(0).catch(handler(args[1], own))); break;
    case 'f': made(p(0).finally(() => guarded(Number(args[1]), undefined, {}))); break;
    case 'A': made(Promise.all(args.filter(Boolean).map((_, i) => x(i)))); break;
    case 'S': made(Promise.allSettled(args.filter(Boolean).map((_, i) => x(i)))); break;
    case 'Y': made(Promise.any(args.filter(Boolean).map((_, i) => x(i)))); break;
    case 'R': made(Promise.race(args.filter(Boolean).map((_, i) => x(i)))); break;
    case 's': case 'r': {
        if (vars.length === 0) return;
        const i = Number(args[0]) % vars.length, settler = settlers[i];
        if (!settler || settler.spent) return;
        settler.spent = true;
        if (op === 's') { following(vars[i], x(1)); settler.resolve(x(1)); }
        else settler.reject(reason(args[1], argument));
        break;
    }
    case 'm': queueMicrotask(() => { try { guarded(Number(args[0]), undefined, null); } catch {} }); break;
    case 'k': process.nextTick(() => { try { guarded(Number(args[0]), undefined, null); } catch {} }); break;
    default: throw new Error(`no statement ${word}`);
    }
}

const nextTask = () => new Promise((resolve) => { setTimeout(resolve, 0); });

async function order(program) {
    const parts = program.split('/');
    const tasks = Number(parts[0]);
    story = []; vars = []; settlers = []; leaves = new Set(); routines = parts.slice(1); budget = MOST; follows = new Map(); ring = false;
    for (let i = 0; i < tasks; i++) {
        await nextTask();
        await new Promise((done) => setImmediate(() => {
            setImmediate(done);
            try { guarded(i, undefined, null); } catch {}
        }));
    }
    await nextTask();
    return ring ? null : story.join(' ');
}

process.on('unhandledRejection', (reason, promise) => { story.push(`u${number(promise)}`); });
process.on('rejectionHandled', (promise) => { story.push(`h${number(promise)}`); });

// ---- random programs: mulberry32

function randomly(seed) {
    return () => {
        seed = (seed + 0x6D2B79F5) | 0;
        let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
        t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
        return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
    };
}

function randomProgram(random) {
    const below = (n) => Math.floor(random() * n);
    const pick = (text) => text[below(text.length)];
    const tasks = 1 + below(3), handlers = 2 + below(5);
    const routine = () => String(tasks + below(handlers));
    const maybe = () => random() < 0.25 ? '-' : routine();
    const promise = () => String(below(9));
    const x = () => { const r = random(); return r < 0.45 ? String(10 + below(90)) : r < 0.93 ? `p${promise()}` : 'a'; };
    const list = () => Array.from({length: below(5)}, x).join();
    const line = (op) => {
        switch (op) {
        case 'n': return 'n';
        case 'v': case 'e': return op + x();
        case 'y': case 'm': case 'k': return op + routine();
        case 't': return `t${promise()},${maybe()},${maybe()}`;
        case 'c': case 'f': return `${op}${promise()},${routine()}`;
        case 's': case 'r': return `${op}${promise()},${x()}`;
        default: return op + list();
        }
    };
    const body = (n, ops) => Array.from({length: n}, () => line(pick(ops))).join(' ');
    const all = [];
    const some = ['n', 'n n', 'n n n', 'n n n n'][below(4)];
    for (let i = 0; i < tasks; i++) all.push((i ? '' : `${some} `) + body(3 + below(7), 'nvvetttttccfffASYRsssrrymk'));
    for (let i = 0; i < handlers; i++) {
        const r = random(), end = r < 0.4 ? `<${x()}` : r < 0.6 ? `!${x()}` : r < 0.75 ? '<a' : '';
        all.push([body(below(3), 'nvettcfsssrmASYR'), end].filter(Boolean).join(' '));
    }
    return `${tasks}/${all.join('/')}`;
}

const args = process.argv.slice(2);
if (args[0] === '--random') {
    const random = randomly(Number(args[2] ?? 1));
    for (let i = 0; i < Number(args[1]); i++) {
        const program = randomProgram(random), told = await order(program);
        if (told !== null) console.log(`${program}\n${told}`);
    }
} else if (args[0] === '--table') {
    for (const program of args.slice(1)) console.log(`    {"${program}",\n     "${await order(program)}"},`);
} else {
    for (const program of args) console.log(`${program}\n${await order(program)}`);
}
