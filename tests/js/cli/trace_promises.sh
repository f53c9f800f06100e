# --trace-promises: the report of a rejection says where its promise was made, and after which.
dir=$(mktemp -d) && trap 'rm -rf "$dir"' EXIT && cd "$dir" || exit 1
cat >late.js <<'JS'
const { setTimeout: sleep } = require('timers/promises');
function load(name) {
    return sleep(1).then(function failing() {
        throw new Error('cannot load ' + name);
    });
}
async function main() {
    await null;
    load('it');
}
main();
JS
show() { "$MILLRACE" "$@" 2>err; echo "status $?"; sed "s|$PWD|HERE|g" err; }
show run late.js
show run --trace-promises late.js
show run --trace-promises --unhandled-rejections=none late.js
show eval --trace-promises 'Promise.reject(1)'
show eval --trace-promises 'Error.stackTraceLimit = 0; Object.prototype.stack = 1; Promise.reject(new Error("x"))'
show eval --trace-promises 'throw new Error("no promise")'
show eval --trace-promises 'let p = Promise.resolve(); for (let i = 0; i < 100; i++) p = p.then(() => {}); p.then(() => { throw 1 })' | grep -c 'in reaction'
show eval --trace-promises 'process.on("unhandledRejection", (e, p) => console.log(e, p)); Promise.reject(2)'
show eval --trace-promises=yes 1
