// process.stdin: 'data' and 'end'.
const pieces = [];
process.stdin.on('data', (piece) => pieces.push(...piece));
process.stdin.on('end', () => console.log(String.fromCharCode(...pieces)));
