# The worker for test262, read by tests/conformance/run: run_262 takes PATH|FLAGS|INCLUDES|TYPE|WHY.
# Paths are below the copy of the tests, which is the working directory.

ulimit -t 30 # a file that never ends is one that fails; it waits for nothing, so processor time will do
declare -A harness # the files of the harness, as text
slurp host "$here/host262.js"

include() { # FILE: appended to text
    [ -n "${harness[$1]:-}" ] || slurp "harness[$1]" "$test262/harness/$1" || return 1
    text+=${harness[$1]}$'\n'
}

# How a run ended: FLAGS NEGATIVE-TYPE STATUS OUT
judge() {
    if [ -n "$2" ]; then
        [ "$3" != 0 ] && [[ $'\n'$4 =~ $'\n'Uncaught\ \[?$2[^A-Za-z] ]]
    elif [[ $1 == *' async '* ]]; then
        [[ $'\n'$4$'\n' == *$'\n'Test262:AsyncTestComplete$'\n'* && $4 != *Test262:AsyncTestFailure* ]]
    else
        [ "$3" = 0 ]
    fi
}

# One way of running a file: PATH MODE FLAGS INCLUDES TYPE. What is run lies beside the original, so that
# what it imports is found.
run262() {
    local path=$1 mode=$2 flags=$3 type=$5 text='' source='' file out status
    local run=${path%/*}/run.$BASHPID.$mode.js
    if [ "$mode" != raw ]; then
        [ "$mode" != strict ] || text=$'"use strict";\n'
        text+=$host
        [[ $flags != *' async '* ]] || include doneprintHandle.js
        for file in assert.js sta.js $4; do
            include "$file" || { say fail "test262 $path $mode"; explain "test262 $path $mode" "no $file in the harness"; return; }
        done
    fi
    if [ "$mode" = module ]; then # the harness is global, the module itself as it is
        source="import('./${path##*/}').catch(globalThis.\$262.reject);"
    elif IFS= read -r -d '' source <"$path"; then # it has a NUL, which no variable holds
        source=''
        { printf '%s' "$text"; cat "$path"; } >"$run"
        text=''
    fi
    [ -z "$text$source" ] || printf '%s' "$text$source" >"$run"
    out=$("$millrace" run --script --unhandled-rejections=none "$run" </dev/null 2>&1)
    status=$?
    if judge "$flags" "$type" $status "$out"; then
        say pass "test262 $path $mode"
    else
        say fail "test262 $path $mode"
        explain "test262 $path $mode: status $status" "$out"
    fi
}

run_262() {
    local path flags includes type why
    IFS='|' read -r path flags includes type why <<<"$1"
    if [ -n "$why" ] || skipped test262 "$path"; then
        say skip "test262 $path"
        return
    fi
    case $flags in
    *' raw '*) run262 "$path" raw "$flags" '' "$type" ;;
    *' module '*) run262 "$path" module "$flags" "$includes" "$type" ;;
    *)
        [[ $flags == *' onlyStrict '* ]] || run262 "$path" sloppy "$flags" "$includes" "$type"
        [[ $flags == *' noStrict '* ]] || run262 "$path" strict "$flags" "$includes" "$type"
        ;;
    esac
}
