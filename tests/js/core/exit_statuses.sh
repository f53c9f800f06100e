# E5 the status that exit() and exitCode give, with every kind of value that is taken
# M6 process.exit(n) and process.exitCode
for value in '' undefined null 0 1 -1 255 256 257 -256 2147483647 2147483648 4294967297 9007199254740991 "'3'" "'0x10'" "' 7 '" "'1e2'" "'-1'" -0; do
    "$MILLRACE" eval "process.exitCode = 9; process.on('exit', (c) => console.log('exit', c, process.exitCode)); process.exit($value)" | tr '\n' ' '
    echo "exit($value) ${PIPESTATUS[0]}"
    [ -n "$value" ] || continue
    "$MILLRACE" eval "process.exitCode = 9; process.exitCode = $value; process.on('exit', (c) => console.log('exit', c, process.exitCode))" | tr '\n' ' '
    echo "exitCode = $value ${PIPESTATUS[0]}"
done
