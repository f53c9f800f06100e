# M5 wrong options
# A wrong command line: one line on stderr that says what is allowed, status 2, nothing runs.
try() {
    output=$("$MILLRACE" "$@" 2>"$errors"); status=$?
    printf '%s lines, status %s, stdout "%s": %s\n' "$(wc -l <"$errors")" "$status" "$output" "$(cat "$errors")"
}
errors=$(mktemp) && trap 'rm -f "$errors"' EXIT
try
try app.js
try dir/app
try frobnicate
try --frobnicate
try run
try run --frobnicate hello.js
try run --color=blue hello.js
try run --color
try run --module=yes hello.js
try run --print hello.js
try run --unhandled-rejections=maybe hello.js
try eval
try eval --module 1
try help frobnicate
for seed in '' -1 +1 1.5 0x10 1e3 ' 1' 18446744073709551616 99999999999999999999; do
    try run --simulate --seed "$seed" hello.js
done
try eval --simulate --seed
try eval --simulate=yes 1
try eval --simulate --trace= 1
try eval --seed 1 1
try eval --trace events.txt 1
[ -e events.txt ] || echo 'no trace was made'
