# M5 kinds, stdin, eval, -p
# The kinds of source, standard input, eval, -p, arguments.
dir=$(mktemp -d) && trap 'rm -rf "$dir"' EXIT && cd "$dir" || exit 1
say='console.log(typeof require, typeof this, process.argv.length, process.argv.slice(2).join());'
echo "$say" >script.js; echo "$say export {};" >detected.js; cp script.js module.mjs; cp script.js common.cjs
mkdir package && echo '{"type":"module"}' >package/package.json && cp script.js package/x.js
for file in script.js detected.js module.mjs common.cjs package/x.js; do "$MILLRACE" run "$file" a --b -c; done
"$MILLRACE" run --module script.js
"$MILLRACE" run --script package/x.js
"$MILLRACE" run - a b <script.js
"$MILLRACE" run -- script.js --color=never
"$MILLRACE" eval 'console.log(process.argv.length, process.argv[1])' x
"$MILLRACE" eval -p '6 * 7'
"$MILLRACE" eval -p '"text"'
"$MILLRACE" eval -p '({ a: [1, 2] })'
"$MILLRACE" eval -p 'undefined'
"$MILLRACE" eval -p 'Promise.resolve(1)'
"$MILLRACE" eval -p 'await new Promise((r) => setTimeout(r, 1, "awaited"))'
"$MILLRACE" eval --print 'let x = 1; const y = 2; x + y'
"$MILLRACE" eval --color=always -p '1n'
"$MILLRACE" eval --color=auto -p '1n'
printf '\xef\xbb\xbf#!/usr/bin/env millrace\nconsole.log("after a hash-bang")' >bang.js && "$MILLRACE" run bang.js
