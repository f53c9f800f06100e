# E6 exit in try and finally, place by place; exit_program.js is the program
# E7 nothing that exit listeners queue runs
for place in main timer interval immediate tick microtask reaction async generator loop destructuring getter sort replace json proxy listener uncaught unhandled disposal construct; do
    "$MILLRACE" run exit_program.js $place 2>&1 | tr '\n' ' '; echo "$place ${PIPESTATUS[0]}"
done
