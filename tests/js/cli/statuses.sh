# M6 the exit status table
# The exit status table.
dir=$(mktemp -d) && trap 'rm -rf "$dir"' EXIT && cd "$dir" || exit 1
try() { "$MILLRACE" "$@" >out 2>err; echo "$? $(head -n 1 out) | $(head -n 1 err)"; }
try eval ''
try eval 'throw 1'
try eval 'Promise.reject(1)' | cut -c 1
try run missing.js
try run .
echo 'let x = ;' >broken.js && try run broken.js | sed "s|$PWD|HERE|"
try eval 'process.on("uncaughtException", () => { throw 2 }); throw 1'
try eval 'await new Promise(() => {})'
try eval 'process.exit(5)'
try eval 'process.exit(256 + 6)'
try eval 'process.exitCode = 7'
try eval 'process.exit(-1)'
(echo '"use strict"; throw new Error("x")' >unreadable.js; chmod 0 unreadable.js; [ -r unreadable.js ] && echo 1 && exit; "$MILLRACE" run unreadable.js 2>/dev/null; echo $?)
"$MILLRACE" eval 'for (let i = 0; i < 100000; i++) console.log("x".repeat(100))' 2>err | head -n 1 | wc -c
echo "${PIPESTATUS[0]} $(cat err)"
"$MILLRACE" eval 'console.log(1)' >/dev/full 2>err; echo "$? $(cat err)"
"$MILLRACE" eval 'console.error(1); console.log("stderr closed")' 2>&-; echo $?
"$MILLRACE" eval 'console.log(1)' <&-; echo $?
timeout --preserve-status -s INT 1 "$MILLRACE" eval 'process.on("exit", () => console.log("never")); setInterval(() => {}, 1000)'; echo $?
