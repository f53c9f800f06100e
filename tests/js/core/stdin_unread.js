// Standard input that nobody reads keeps nothing alive.
console.log(typeof process.stdin, process.stdin === process.stdin);
