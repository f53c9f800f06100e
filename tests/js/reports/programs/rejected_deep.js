async function a() { await null; throw new Error('from a', { cause: new Error('below') }); }
async function b() { await a(); }
b();
