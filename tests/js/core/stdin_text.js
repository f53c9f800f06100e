// process.stdin: pieces as text, an iterator, then the end.
process.stdin.setEncoding('utf8');
(async () => {
    let text = '';
    for await (const piece of process.stdin) text += piece;
    console.log(JSON.stringify(text), process.stdin.fd);
})();
