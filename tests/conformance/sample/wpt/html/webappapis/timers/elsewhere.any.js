// META: global=shadowrealm-in-window,serviceworker
test(() => assert_equals(1, 2), 'is not run');
