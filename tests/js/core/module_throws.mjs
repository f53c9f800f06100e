// What a module throws at its start is no rejection: no unhandledRejection event.
process.on('uncaughtException',(e,o)=>console.log('ue',e,o));
process.on('unhandledRejection',(e)=>console.log('ur',e));
setTimeout(()=>console.log('t'),1);
throw 1;
