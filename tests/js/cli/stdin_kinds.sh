# process.stdin from a pipe, a file, nothing, a closed descriptor; read slowly; not read at all.
code='let n = 0; for await (const piece of process.stdin) n += piece.length; console.log(n);'
head -c 200000 /dev/zero | "$MILLRACE" eval "$code"
"$MILLRACE" eval "$code" <"$0" | grep -c '^[1-9][0-9]*$'
"$MILLRACE" eval "$code" </dev/null
"$MILLRACE" eval "$code" <&-
# The second line is written when a timer has run after the first was read.
go=$(mktemp -d)
(echo one; for i in {1..1000}; do [ -e "$go/now" ] && break; sleep 0.02; done; echo two) | GO=$go/now "$MILLRACE" eval '
    const fs = await import("node:fs");
    process.stdin.setEncoding("utf8");
    let pieces = 0;
    for await (const piece of process.stdin) {
        console.log(JSON.stringify(piece));
        if (++pieces === 1) setTimeout(() => { console.log("a timer meanwhile"); fs.writeFileSync(process.env.GO, ""); }, 5);
    }'
rm -r "$go"
# Nobody reads: a pipe that stays open keeps nothing alive.
timeout 30 "$MILLRACE" eval 'setTimeout(() => console.log("done"), 1)' < <(exec sleep 40 >&-); echo $?
printf 'a\xf0\x9f\x98\x80b\xff' | "$MILLRACE" eval 'process.stdin.setEncoding("utf8"); let s = ""; process.stdin.on("data", (x) => s += x).on("end", () => console.log(s));'
