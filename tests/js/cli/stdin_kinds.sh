# process.stdin from a pipe, a file, nothing, a closed descriptor; read slowly; not read at all.
code='let n = 0; for await (const piece of process.stdin) n += piece.length; console.log(n);'
head -c 200000 /dev/zero | "$MILLRACE" eval "$code"
"$MILLRACE" eval "$code" <"$0" | grep -c '^[1-9][0-9]*$'
"$MILLRACE" eval "$code" </dev/null
"$MILLRACE" eval "$code" <&-
(echo one; sleep 1; echo two) | "$MILLRACE" eval 'setTimeout(() => console.log("a timer meanwhile"), 50); process.stdin.setEncoding("utf8"); for await (const piece of process.stdin) console.log(JSON.stringify(piece));'
sleep 3 | timeout 2 "$MILLRACE" eval 'setTimeout(() => console.log("done"), 1)'; echo "${PIPESTATUS[1]}"
printf 'a\xf0\x9f\x98\x80b\xff' | "$MILLRACE" eval 'process.stdin.setEncoding("utf8"); let s = ""; process.stdin.on("data", (x) => s += x).on("end", () => console.log(s));'
