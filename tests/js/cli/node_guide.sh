# docs/node.md: each block of code writes what stands below it.
guide=$PWD/../../../docs/node.md
dir=$(mktemp -d) && trap 'rm -rf "$dir"' EXIT && cd "$dir" || exit 1
awk '/^```js$/ { n++; into = "block" n ".mjs"; next }
     /^```output$/ { into = "block" n ".expected"; next }
     /^```$/ { into = ""; next }
     into != "" { print > into }' "$guide"
for block in block*.mjs; do
    expected=${block%.mjs}.expected
    [ -f "$expected" ] || echo "$block has no output"
    "$MILLRACE" run "$block" >actual 2>&1 || echo "$block: status $?"
    diff "$expected" actual >difference && echo "$block" || cat "$block" difference
done
