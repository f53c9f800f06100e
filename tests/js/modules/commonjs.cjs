const short = (path) => path?.slice(__dirname.length);
console.log(short(__filename), this === module.exports, exports === module.exports, arguments.length);
console.log(require.main === module, module.id, short(module.filename), module.loaded, module.children.length);
console.log(require('./cjs/partial-a.cjs').done, require('./cjs/partial-b.cjs').seen);
console.log(require('./cjs/dir').name, require('./cjs/dir/').name, require('./cjs/withmain').name, require('./cjs/data').json, require('./cjs/plain').name);
console.log(short(require.resolve('./cjs/dir')), short(require.resolve('./cjs/data')), require.resolve('fs'), require.resolve('node:fs'));
const first = require('./cjs/counts.cjs');
console.log(first === require('./cjs/counts.cjs'), first.count, module.children.length);
delete require.cache[require.resolve('./cjs/counts.cjs')];
console.log(require('./cjs/counts.cjs').count, first === require('./cjs/counts.cjs'));
for (let i = 0; i < 2; i++) {
    try { require('./cjs/throws'); } catch (error) { console.log(error.message, Object.keys(require.cache).some((key) => key.includes('throws'))); }
}
try { require('./cjs/nowhere'); } catch (error) { console.log(error.code, error.message.replaceAll(__dirname, '.'), error.requireStack.map(short).join()); }
try { require('./cjs/needs-nowhere'); } catch (error) { console.log(error.message.replaceAll(__dirname, '.'), error.requireStack.length); }
for (const id of ['', 5, undefined, 'node:nothing']) {
    try { require(id); } catch (error) { console.log(error.name, error.code); }
}
console.log(module.parent, require('./cjs/parent').parent === module, require('./cjs/parent').main === module);
console.log(require.resolve.paths('x').slice(0, 2).map((path) => path.slice(-40).includes('node_modules')).join(), require.resolve.paths('fs'), require.resolve.paths('./x').map(short).join());
console.log(short(require.resolve('./plain', { paths: [__dirname + '/cjs'] })), short(require.resolve('pk', { paths: [__dirname + '/cjs'] })));
require.cache[require.resolve('./cjs/mocked')] = { exports: 'mock' };
console.log(require('./cjs/mocked'), module.require('./cjs/plain').name);
console.log(require('./cjs/bom').name, require('./cjs/hashbang').name, typeof require('./cjs/sloppy').self);
try { require('./cjs/bad.json'); } catch (error) { console.log(error.name, error.message.startsWith(__dirname)); }
import('./cjs/plain.js').then((ns) => console.log(ns.default.name, ns.default === require('./cjs/plain')));
module.exports = 'replaced';
console.log(module.exports, typeof exports, require.cache[__filename] === module);
return;
console.log('never');
