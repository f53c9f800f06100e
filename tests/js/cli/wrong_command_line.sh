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
