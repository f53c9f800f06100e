# E12 no listener: what is no Error is wrapped, none of its code runs, status 1
dir=$(mktemp -d) && trap 'rm -rf "$dir"' EXIT && cd "$dir" || exit 1
for reason in undefined null 0 -0 1n true "''" "'text'" '() => 1' 'function named() {}' 'class K {}' '{}' '[]' '[1, [2]]' 'Symbol()' "Symbol('s')" \
    'Object.create(null)' 'new Proxy({}, { get() { console.log(1); }, getPrototypeOf() { console.log(2); return null; } })' \
    '{ toString() { console.log(3); return "x"; } }' '{ get message() { console.log(4); return "x"; } }' 'new Date(0)' '/x/g' 'new Map([[1, 2]])' \
    '{ name: "Error", message: "looks like one" }' 'Object.create(Error.prototype)' 'new Error("own")' 'new (class Mine extends TypeError {})("sub")'; do
    "$MILLRACE" eval "process.on('exit', (c) => console.log('exit', c)); process.on('uncaughtExceptionMonitor', (e, o) => console.log(typeof e, e instanceof Error, o)); setTimeout(() => console.log('never')); Promise.reject($reason)" 2>err | tr '\n' ' '
    echo "${PIPESTATUS[0]} $(grep -cE 'UnhandledPromiseRejection|own|sub' err | sed 's/[1-9][0-9]*/told/') $reason"
done
