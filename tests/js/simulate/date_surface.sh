# The simulated Date and Math show a script what the engine's own do.
code='
    const { inspect, isDeepStrictEqual, types } = await import("node:util");
    const show = (x) => console.log(inspect(x, { showHidden: true, depth: 4 }));
    const attempt = (f) => { try { show(f()); } catch (error) { console.log(error.name, error.message); } };
    for (const object of [Date, Date.prototype, Math]) {
        console.log(Reflect.ownKeys(object), Object.isExtensible(object), Object.getPrototypeOf(object) === Function.prototype);
        show(Object.getOwnPropertyDescriptors(object));
    }
    const own = Object.getOwnPropertyDescriptor(globalThis, "Date");
    console.log({ ...own, value: own.value === Date }, Reflect.ownKeys(globalThis).indexOf("Date"));
    console.log(Date, String(Date), String(Date.now), typeof Date, Date.prototype.constructor === Date, Object.keys(Date));
    console.log(types.isDate(new Date()), Object.prototype.toString.call(new Date()), new Date() instanceof Date);
    console.log(typeof Date(), Date() === String(new Date(Date())), typeof Date.now(), Number.isInteger(Date.now()));
    console.log(typeof Date(5), typeof Date.call(new Date(0), 1), Math.abs(new Date() - Date.now()) < 1000);

    class Sub extends Date { #x = 1; get x() { return this.#x; } }
    class Args extends Date { constructor(...args) { super(...args); } }
    console.log(Sub, new Sub(5), new Sub(5).x, new Sub() instanceof Date, new Args(2020, 1, 2, 3, 4, 5, 6).toISOString());
    function Old() {}
    const made = Reflect.construct(Date, [86400000], Old);
    console.log(made instanceof Old, made instanceof Date, types.isDate(made), Date.prototype.getTime.call(made));
    const bare = Reflect.construct(Date, [], Object.assign(function () {}.bind(), { prototype: 1 }));
    console.log(Object.getPrototypeOf(bare) === Date.prototype);
    const proxied = new Proxy(Date, {});
    console.log(new proxied(7), proxied.now === Date.now, typeof proxied());
    const bound = Date.bind(null, 2000, 0);
    console.log(new bound(15), bound.name, bound.length);

    let order = "";
    const part = (name, value) => ({ valueOf() { order += name; return value; } });
    console.log(new Date(part("y", 2001), part("m", 1), part("d", 3), part("h", 4), part("i", 5), part("s", 6), part("l", 7), part("?", 8)).toISOString(), order);
    console.log(new Date({ [Symbol.toPrimitive]: (hint) => (order = hint, 9) }).getTime(), order);
    const list = [[undefined], [null], [true], ["2020-02-30"], ["2020-02-03T04:05:06Z"], ["nonsense"], [8.64e15], [8.64e15 + 1],
        [-0], [99, 0], [2020, 12], [2020, NaN], [2020, 0, undefined], [new Date(3)], [[2020]], [{}], [1e400], ["0"], [""]];
    for (const args of list) attempt(() => new Date(...args).getTime());
    attempt(() => new Date(Symbol()));
    attempt(() => new Date(1n));
    attempt(() => new Date(2020, Symbol()));
    attempt(() => new Date({ valueOf() { throw new Error("mine"); } }));
    attempt(() => new Date.now());
    attempt(() => Date.prototype.getTime.call({}));
    attempt(() => Reflect.construct(Date, [], 5));
    attempt(() => new (class extends Date { constructor() {} })());
    console.log(Date.parse("2000-01-01T00:00:00Z"), Date.UTC(2000), Date.UTC.length, isDeepStrictEqual(new Date(4), new Date(4)));
    console.log(structuredCloneName(), [new Date(0)], { d: new Date(NaN) }, new (class extends Date { a = 1 })(0));
    function structuredCloneName() { return typeof structuredClone; }

    const before = Date;
    Date.now = () => 5;
    console.log(Date.now(), new Date().getTime() > 1e11);
    delete Date.prototype.toString;
    console.log(typeof Date(), Date().length === new before().toUTCString().length, /GMT/.test(Date()));
    globalThis.Date = class {};
    console.log(before.prototype.constructor === before, Object.prototype.toString.call(new before()));'
folder=$(mktemp -d) && trap 'rm -rf "$folder"' EXIT
TZ=UTC timeout 60 "$MILLRACE" eval "$code" >"$folder/real"; echo "status $?"
timeout 60 "$MILLRACE" eval --simulate --seed 1 "$code" >"$folder/simulated"; echo "status $?"
diff "$folder/real" "$folder/simulated" && echo same
[ "$(wc -l <"$folder/real")" -gt 500 ] && echo "and all of it"
