// import() in text that is compiled at run time: from the folder of the program, not the working directory.
const path = './kinds/eval_target.mjs';
const text = `import(${JSON.stringify(path)})`;
process.chdir('/');
const show = (name, promise) => promise.then((found) => console.log(name, found.default), (error) => console.log(name, error.code));
(async () => {
    await show('direct', eval(text));
    await show('indirect', (0, eval)(text));
    await show('Function', new Function('path', 'return import(path)')(path));
    await show('AsyncFunction', new (async () => {}).constructor(`return ${text}`)());
    await new Promise((resolve) => setTimeout(() => resolve(show('later', eval(text)))));
    await show('missing', eval('import("./no_such_file.mjs")'));
})();
