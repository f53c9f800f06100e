# E1 what is written of an uncaught error, whole: the place in the script with its line, the stack, causes,
# members, own properties; E12 reasons that are no Errors
dir=$(mktemp -d) && trap 'rm -rf "$dir"' EXIT && cp programs/* "$dir" && cd "$dir" || exit 1
for script in thrown.js class.js cause.js aggregate.js thrown_value.js long_line.js listener.js emitted_value.js \
    assertion.js system_call.js json_text.js constructed.js evaluated.js rejected_deep.js rejected_value.js imports_throwing.mjs \
    imports_broken.mjs missing_export.mjs missing_in_builtin.mjs missing_below.mjs missing_default.mjs \
    missing_module.mjs missing_module.cjs; do
    echo "---- $script"
    # Frames of the library are its own affair.
    "$MILLRACE" run "$script" 2>&1 | sed "s|$PWD|HERE|g; /^ *at .*(\(node\|millrace\):/d; /^ *at .* (native)$/d"
    echo "status ${PIPESTATUS[0]}"
done
