# process.stdout and stderr: text, bytes, encodings, callbacks; order with the console.
"$MILLRACE" eval '
const { stdout, stderr } = process;
console.log("1");
console.log(stdout.write("2\n"), stdout.fd, stderr.fd, stdout.isTTY, stdout.columns);
stdout.write(new Uint8Array([51, 10]));
stdout.write(new Uint8Array([0, 52, 10, 0]).subarray(1, 3));
stdout.write("NQo=", "base64");
stdout.write("360a", "hex");
stdout.write("7\n", () => { console.log("callback"); });
stdout.write("8\n", "utf8", () => { stderr.write("on stderr\n"); });
console.log("9");
for (const args of [[1], [], [null], ["x", "no-such-encoding"], ["", "utf8", 1]]) {
    try { stdout.write(...args); } catch (error) { console.log(error.code); }
}
stdout.write("lone \ud800 surrogate\n");
' 2>&1
