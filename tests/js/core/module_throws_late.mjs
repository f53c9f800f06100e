// What a module throws after an await.
process.on('uncaughtException',(e,o)=>console.log('ue',e,o));
process.on('unhandledRejection',(e)=>console.log('ur',e));
await 1;
throw 1;
