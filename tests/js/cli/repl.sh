# M7 the REPL without a terminal: no prompt, one result a line, an error does not end it.
dir=$(mktemp -d) && trap 'rm -rf "$dir"' EXIT && cd "$dir" || exit 1
session() { echo "-- $1"; shift; "$MILLRACE" repl "$@" 2>err; echo "status $?"; sed 's/^/err: /' err; }
session values <<'JS'
6 * 7
_ + 1
'text'
undefined
({ a: [1, { b: 2 }] })
{ c: 3 }
{ d: 4 };
.5
Symbol('s')
new Proxy({ p: 1 }, {})

/* nothing */
JS
session 'names again' <<'JS'
const x = 1
const x = 2
x
x = 3
let x = 4
x = 5
x
let { a, b: [c = 6, ...d], ...e } = { a: 7, b: [undefined, 8, 9], f: 10 }, g
[a, c, d, e, g]
let a
a
class K { static make() { return new K } }
const first = K
class K {}
K === first
first.make()
let late = late + 1
late
let late = 'now'
late
const f = () => x, h = async () => { const inner = x; return inner }
f()
await h()
var v = 1
let v = 2
let undefined = 1
for (const i of [1, 2]) i
const i = 'i'
i
let let2 = 1, text = `a${ { const: 'b' }.const }
c`, re = /[/]const x/.test('/const x')
text + re
const once = 1; once = 2
once
typeof nothing; let nothing
JS
session 'errors' <<'JS'
throw new Error('one')
_error.message
throw 'two'
function f() { null.x }
f()
throw { a: 1 }
var 1
foo bar
Promise.reject(new RangeError('three'))
await Promise.reject(new TypeError('four'))
setTimeout(() => { throw new EvalError('five') }, 1); 0
await new Promise((r) => setTimeout(r, 20)), 'alive'
process.on('uncaughtException', (e) => console.log('listener', e)); 0
setTimeout(() => { throw 6 }, 1); 0
await new Promise((r) => setTimeout(r, 20)), 'alive'
break
const missing
= 1
JS
session 'unfinished' <<'JS'
function add(a,
b) {
  return a + // of two
    b
}
add(1, 2)
[1,
2]
.map(x => x * 2)
`a
b`
'a\
b'
if (true)
1
/* c
*/ 2
await
3
a ?
1 : 2
[3]
  .5
"unclosed
/unclosed
({
JS
session 'commands' <<'JS'
.help
.nothing
.load missing.js
.save saved.js
function unfinished() {
.break
1
.exit
'never'
JS
cat saved.js
printf 'const loaded = 1\nconst again = () => loaded\nagain()\n' >file.js
session 'load' <<'JS'
.load file.js
.load file.js
again() + 1
JS
session 'order' <<'JS'
setTimeout(() => console.log('timer'), 0); Promise.resolve().then(() => console.log('job')); process.nextTick(() => console.log('tick')); 'result'
await null, 'next'
process.on('exit', (c) => console.log('exit', c)); process.exitCode = 3
JS
session 'names' <<'JS'
typeof require, require('fs') === fs
(await import('node:path')).sep
Object.keys(globalThis).includes('_')
_ = 5
6
_
path.posix.sep
process.argv.length
JS
echo 'process.exit(4); console.log("never")' | session 'exit'
printf 'await new Promise(() => {})\n7' | session 'never settles'
printf '\xef\xbb\xbf"\xff".length\r\n8' | session 'bytes'
session 'end of input' </dev/null
# The next line is sent only when the timer has run.
(echo 'setTimeout(() => console.log("while it waits"), 1)'
    for _ in $(seq 1000); do grep -q 'it waits' log && break; sleep 0.01; done; echo 1) | "$MILLRACE" repl >log
cat log
printf '1n\n' | session 'colour' --color=always
session 'argument' file.js </dev/null
"$MILLRACE" repl --print </dev/null 2>&1; echo $?
printf 'process.stdout.write("x".repeat(1e6))\n1\n' | "$MILLRACE" repl | head -c 1 >/dev/null; echo "${PIPESTATUS[1]}"
