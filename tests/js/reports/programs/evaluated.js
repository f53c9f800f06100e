function evaluate(text) {
    return eval(text);
}
evaluate('function q() {\n  null.x;\n}\nq()');
