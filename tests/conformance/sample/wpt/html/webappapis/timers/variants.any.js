// META: variant=?one
// META: variant=?two
// META: global=window,dedicatedworker,shadowrealm
test(() => assert_equals(location.search, '?one'), 'which one');
promise_test(async () => {
    assert_equals(await (await fetch('helper.js')).text(), await (await fetch('/html/webappapis/timers/helper.js')).text());
}, 'a file beside it');
