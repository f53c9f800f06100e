promise_test(async () => { process.exit(0); }, "ends it");
