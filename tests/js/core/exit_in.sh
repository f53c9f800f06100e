# exit() in places where the engine turns an uncatchable error back into a rejection.
for place in executor thenGetter thenable iterator asyncGenerator reaction microtask tick; do
    "$MILLRACE" run exit_in_places.js "$place"
    echo "$place $?"
done
