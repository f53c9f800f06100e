function read() { throw new RangeError('low'); }
function load() {
  try { read(); } catch (e) { throw new Error('mid', { cause: e }); }
}
try { load(); } catch (e) { const x = new Error('top', { cause: e }); x.code = 'E_TOP'; x.info = { a: 1 }; throw x; }
