try { new Function('a', 'return a.b.c')({}); } catch (e) { console.log(e.name, e.stack); }
try { eval('let x = 1;\nthrowIt();'); } catch (e) { console.log(e.name, e.stack); }
try { eval('let = '); } catch (e) { console.log(e.name, e.stack); }
function evaluate(text) {
    return eval(text);
}
evaluate('function q() {\n  null.x;\n}\nq()');
