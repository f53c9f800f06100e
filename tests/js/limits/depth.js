// H1 a hundred thousand links of then, both ways of building them: linear, and the stack stays flat.
// H2 ten levels of combinators in each other.
const links = (count) => {
    let tail = Promise.resolve(0);
    for (let i = 0; i < count; i++) tail = tail.then((n) => n + 1);
    return tail;
};

const adopted = (count) => {
    let head;
    let tail = new Promise((resolve) => { head = resolve; });
    for (let i = 0; i < count; i++) {
        const inner = tail;
        tail = new Promise((resolve) => resolve(inner));
    }
    head('end');
    return tail;
};

const nested = (level) => {
    if (level === 0) return [1, Promise.resolve(2), { then: (f) => f(3) }];
    const kind = ['all', 'allSettled', 'any', 'race'][level % 4];
    const items = nested(level - 1);
    return [Promise[kind](items), Promise[kind]([level])];
};

(async () => {
    console.log(await links(100000));
    console.log(await adopted(100000));
    let rejected = Promise.reject(new Error('first'));
    for (let i = 0; i < 100000; i++) rejected = rejected.finally(() => {});
    console.log(await rejected.catch((error) => error.message));
    console.log(JSON.stringify(await Promise.all(nested(10))));
})();
