function parse(t) { return JSON.parse(t); }
parse('{"a": 1, x}');
