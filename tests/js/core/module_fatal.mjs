// An uncaught throw after a top-level await.
await null;
throw new Error('late');
