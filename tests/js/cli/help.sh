# Help and version.
"$MILLRACE" --help | head -n 1
"$MILLRACE" help | grep -c 'millrace run'
"$MILLRACE" help run | head -n 1
"$MILLRACE" run --help | head -n 1
"$MILLRACE" eval -h | head -n 1
"$MILLRACE" --version | grep -cE '^millrace [0-9]+\.[0-9]+\.[0-9]+ \(QuickJS-ng [0-9.]+\)$'
