# The worker for the web-platform tests, read by tests/conformance/run: run_wpt takes the path of a file
# *.any.js. The checkout is the working directory.

elsewhere() { # GLOBALS: whether a test is for other kinds of global objects alone
    [ -n "$1" ] && [[ ! ,$1, =~ ,(window|worker|dedicatedworker|jsshell), ]]
}

# What a test loads, as its first lines ask: PATH SCRIPT…
scripts() {
    local path=$1 script
    shift
    for script in "$@"; do
        case $script in
        # The server of the suite has these two under another name.
        /resources/WebIDLParser.js) cat resources/webidl2/lib/webidl2.js ;;
        /*) cat ".$script" ;;
        *) cat "${path%/*}/$script" ;;
        esac
        echo ';'
    done
    cat "$path"
}

run_variant() { # PATH VARIANT SCRIPT…
    local path=$1 name=$1$2 run="$scratch/wpt.$BASHPID.js" out status
    { cat "$here/host-wpt.js" resources/testharness.js && echo ';reportResults();' && scripts "$path" "${@:3}"; } >"$run" 2>/dev/null ||
        { say fail "wpt $name: the file"; explain "wpt $name" 'it loads a file that is not there'; return; }
    out=$(timeout "$limit" "$millrace" run --script --unhandled-rejections=none "$run" "$wpt" "$path" "$2" </dev/null 2>&1)
    status=$?
    # Every subtest has a line; a file that ended otherwise fails as a whole.
    awk -F '\t' -v path="$name" '/^(pass|fail|skip)\t/ { print $1 "\twpt " path ": " $2 }' <<<"$out"
    if [[ $'\n'$out$'\n' == *$'\nharness: done\n'* ]]; then
        [[ $'\n'$out != *$'\n'fail$'\t'* ]] || explain "wpt $name" "$(grep '^fail' <<<"$out")"
    else
        say fail "wpt $name: the file"
        explain "wpt $name: status $status" "$(tail -n 8 <<<"$out")"
    fi
}

run_wpt() {
    local path=$1 limit=20 line key value globals='' variants=() loads=()
    while IFS= read -r line; do
        [[ $line =~ ^//\ META:\ *([a-z]+)=([^$'\r']*) ]] || continue
        key=${BASH_REMATCH[1]} value=${BASH_REMATCH[2]}
        case $key in
        global) globals=$value ;;
        script) loads+=("$value") ;;
        variant) variants+=("$value") ;;
        timeout) limit=60 ;; # it says long
        esac
    done <"$path"
    if skipped wpt "$path" || elsewhere "$globals"; then
        say skip "wpt $path"
        return
    fi
    for variant in "${variants[@]-}"; do run_variant "$path" "$variant" "${loads[@]}"; done
}
