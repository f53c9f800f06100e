# M8 simulated run twice
# A simulated run again with the same seed: the same bytes. With another seed: other numbers.
folder=$(mktemp -d) && trap 'rm -rf "$folder"' EXIT
code='
    const fs = await import("node:fs"), os = await import("node:os");
    const { readFile } = fs.promises;
    console.log(new Date(), Date.now(), performance.timeOrigin, process.hrtime.bigint(), Math.random());
    console.log(process.pid, process.ppid, process.memoryUsage(), process.memoryUsage.rss());
    console.log(os.uptime(), os.loadavg(), os.freemem(), os.cpus());
    const made = fs.mkdtempSync("'$folder'/x");
    console.log(made);
    fs.rmdirSync(made);
    console.time("t");
    for (let i = 0; i < 5; i++) {
        const ms = Math.floor(Math.random() * 1e6);
        setTimeout(() => console.log(i, ms, new Date(), performance.now()), ms);
        readFile("/dev/null").then(() => console.log("read", i));
    }
    setImmediate(() => process.nextTick(() => Promise.resolve().then(() => console.log("jobs"))));
    setTimeout(() => { console.timeEnd("t"); process.emitWarning("told"); undefined.x; }, 2e6);'
run() { # NAME SEED: its output, errors and trace
    timeout 60 "$MILLRACE" eval --simulate --seed "$2" --trace "$folder/$1.trace" "$code" \
        >"$folder/$1.out" 2>"$folder/$1.err"
    echo "status $?"
}
same() { cmp "$folder/$1" "$folder/$2" && echo "$1 $2: the same, not empty: $([ -s "$folder/$1" ] && echo yes)"; }
run a 5
run b 5
X=$(head -c 5000 /dev/zero | tr '\0' x) run c 5
run d 6
for end in out err trace; do same a.$end b.$end; same a.$end c.$end; done
cmp -s "$folder/a.out" "$folder/d.out" || echo 'another seed: other output'
tail -n 1 "$folder/a.out"

code='const { readFile } = (await import("node:fs")).promises;
    for (const name of "abc") readFile("/dev/null").then(() => process.stdout.write(name));'
for seed in {1..16}; do "$MILLRACE" eval --simulate --seed "$seed" "$code"; echo; done | sort -u >"$folder/orders"
grep -v '^[abc]\{3\}$' "$folder/orders"
[ "$(wc -l <"$folder/orders")" -gt 1 ] && echo 'file work ends in an order that the seed decides'

echo '-- no seed: one is drawn and told, and it repeats the run'
"$MILLRACE" eval --simulate -p 'Math.random()' >"$folder/drawn.out" 2>"$folder/drawn.err"
sed 's/[0-9]\{1,\}$/N/' "$folder/drawn.err"
seed=$(sed 's/.*--seed //' "$folder/drawn.err")
"$MILLRACE" eval --simulate --seed "$seed" -p 'Math.random()' >"$folder/again.out"
same drawn.out again.out
"$MILLRACE" eval --simulate --seed 0 -p 'Math.random()'
"$MILLRACE" eval --simulate --seed=18446744073709551615 -p 'Math.random()'

echo '-- every end leaves a complete trace'
end() { # CODE
    timeout 60 "$MILLRACE" eval --simulate --seed 1 --trace "$folder/end.trace" "$1" 2>/dev/null
    echo "status $?: $(wc -l <"$folder/end.trace") lines, the last: $(tail -n 1 "$folder/end.trace")"
}
end 'setTimeout(() => {}, 1000)'
end 'setTimeout(() => process.exit(5), 1000); setInterval(() => {}, 100)'
end 'setTimeout(() => { throw 1; }, 1000); setInterval(() => {}, 100)'
end 'setTimeout(() => Promise.reject(1), 1000); setInterval(() => {}, 100)'
end 'process.on("uncaughtException", () => { throw 2; }); throw 1'
end 'syntax error'
end 'await new Promise(() => {})'
( # A closed output ends the command at a write, in the middle of the run.
    "$MILLRACE" eval --simulate --seed 1 --trace "$folder/pipe.trace" \
        'setInterval(() => console.log("line"), 100)'
    echo "status $?" >"$folder/pipe.status"
) | head -n 1
cat "$folder/pipe.status"
[ "$(tail -c 1 "$folder/pipe.trace")" = '' ] && tail -n 1 "$folder/pipe.trace" | grep -c ' timers timer '

echo '-- a trace that cannot be written'
"$MILLRACE" eval --simulate --seed 1 --trace "$folder/missing/x" 'console.log("ran")' 2>&1 |
    sed "s|$folder|DIR|"
"$MILLRACE" eval --simulate --seed 1 --trace "$folder/missing/x" 1 2>/dev/null; echo $?
"$MILLRACE" eval --simulate --seed 1 --trace /dev/full 'console.log("ran")' 2>&1; echo $?

echo '-- standard input comes in pieces that do not depend on the writer'
code='for await (const piece of process.stdin) console.log(piece.length);'
(printf a; sleep 0.05; printf bc; sleep 0.05; head -c 70000 /dev/zero) |
    "$MILLRACE" eval --simulate --seed 1 "$code"
"$MILLRACE" eval --simulate --seed 1 "$code" </dev/null; echo $?
"$MILLRACE" eval --simulate --seed 1 "$code" <&-; echo $?
echo 'console.log("from standard input", Date.now())' | "$MILLRACE" run --simulate --seed 1 -

echo '-- the time zone is UTC'
TZ=America/New_York "$MILLRACE" eval --simulate --seed 1 \
    'console.log(String(new Date()), new Date(2020, 6, 1), new Date().getTimezoneOffset(), new Date("2020-07-01T00:00"))'
