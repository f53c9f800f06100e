// An exit code that was set wins over 13.
process.exitCode = 3;
await new Promise(() => {});
