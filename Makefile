# The front door. Everything is built by CMake into build/<preset>; see CMakePresets.json.
# The first rule builds; `make help` lists the others.

SHELL := /bin/bash
PREFIX ?= /usr/local
JOBS ?= $(shell nproc 2>/dev/null || echo 2)

# Ninja where there is one; CMake's own choice, Makefiles, elsewhere.
ifneq ($(shell command -v ninja),)
export CMAKE_GENERATOR ?= Ninja
endif
export CTEST_PARALLEL_LEVEL ?= $(JOBS)
configure_flags := $(if $(CI),-DMILLRACE_WERROR=ON)
build = cmake --build build/$(1) --parallel $(JOBS)

packages := tests/js/packages
aplus := tests/js/aplus

.PHONY: build
build: configure-release ## build the release preset: build/release/millrace (the default)
	@$(call build,release)

.PHONY: run
run: setup npm ## set the machine up, build, and run the tour and a real program on real input
	@$(MAKE) --no-print-directory configure-release
	@$(call build,release) --target millrace
	build/release/millrace run examples/tour.js
	@if [ -x $(packages)/run-demo ]; then $(packages)/run-demo build/release/millrace; fi

.PHONY: test
test: setup npm ## set the machine up, build, and run all tests of the release preset
	@$(MAKE) --no-print-directory build
	ctest --preset release

.PHONY: test-aplus
test-aplus: setup $(aplus)/node_modules/.installed ## the 872 tests of Promises/A+, from npm, inside the runtime
	@$(MAKE) --no-print-directory configure-release
	@$(call build,release) --target millrace
	@build/release/millrace run --unhandled-rejections=none $(aplus)/suite.cjs

.PHONY: update-surface
update-surface: setup ## write tests/js/surface.json anew: all that a script can reach
	@$(MAKE) --no-print-directory configure-release
	@$(call build,release) --target millrace
	tests/js/surface/run build/release/millrace --update

.PHONY: test-conformance
test-conformance: configure-release ## long: test262 and web-platform tests, TEST262=checkout WPT=checkout [ONLY=part] [ALL=1]
	@$(call build,release) --target millrace
	tests/conformance/run build/release/millrace --test262 '$(TEST262)' --wpt '$(WPT)' --jobs $(JOBS) \
	    $(if $(ONLY),--only '$(ONLY)') $(if $(ALL),--all)

NODE ?= node
.PHONY: update-expectations
update-expectations: ## write the expected output of tests/js anew as NODE (node, 20) gives it
	@case "$$($(NODE) --version)" in v20.*) ;; *) echo "$(NODE) is no Node.js 20" >&2; exit 1 ;; esac
	tests/js/run --update $(NODE)

.PHONY: asan tsan coverage
asan: npm ## all tests under AddressSanitizer and UndefinedBehaviorSanitizer
tsan: ## unit and scenario tests under ThreadSanitizer
coverage: npm ## all tests, counting executed lines
asan tsan coverage: %: configure-%
	@$(call build,$@)$(if $(filter tsan,$@), --target thread_tests)
	ctest --preset $@

# New seeds in each run; one that failed is run again with FIRST=seed SEEDS=1 and its trace.
SEEDS ?= 1000000
SOAK_SECONDS ?= 3600
FIRST ?= $(shell date +%s%N)
.PHONY: soak
soak: configure-asan ## a long fuzz: the simulation tests with SEEDS seeds (1000000), then fuzz
	@$(call build,asan) --target test_scenario_simulation
	MR_SIM_SEEDS=$(SEEDS) MR_SIM_FIRST=$(FIRST) build/asan/tests/test_scenario_simulation
	@$(MAKE) --no-print-directory fuzz FUZZ_SECONDS=$(SOAK_SECONDS)

# What a run learns is kept in build/fuzz/corpus, for the next one.
FUZZ_SECONDS ?= 60
.PHONY: fuzz
fuzz: configure-fuzz ## random calls against a reference for FUZZ_SECONDS (60)
	@$(call build,fuzz) --target loop_fuzz
	@mkdir -p build/fuzz/corpus
	cd build/fuzz && ./loop_fuzz -max_total_time=$(FUZZ_SECONDS) -max_len=512 -verbosity=0 \
	    -print_final_stats=1 corpus $(CURDIR)/tests/fuzz/corpus

# Wants a quiet machine. BENCH='--only submit --rounds 3' and the like; the peers from npm take 400 MB once.
BENCH ?=
.PHONY: bench
bench: ## the tournament against the loops and runtimes of others; writes build/bench.jsonl
	@scripts/setup
	@scripts/setup --bench
	-@$(MAKE) --no-print-directory bench/peers/node_modules/.installed
	@$(MAKE) --no-print-directory configure-release
	@cmake --preset release >/dev/null
	@$(call build,release) --target bench
	build/release/bench/tournament --json build/bench.jsonl $(BENCH)

.PHONY: bench-report
bench-report: ## build/bench.html of the last tournament, with plots
	@test -e build/bench.jsonl || { echo 'run `make bench` first' >&2; exit 1; }
	build/release/millrace run bench/report/report.mjs build/bench.jsonl build/bench.html \
	    "Commit $$(git rev-parse --short HEAD 2>/dev/null), $$(date -u +%F)"

.PHONY: bench-gate bench-gate-update
bench-gate: ## instructions of fifteen hot paths, compared with bench/gate/counts.txt
bench-gate-update: ## store those of now, to be committed with the change that made them
bench-gate bench-gate-update: configure-release
	@cmake --preset release >/dev/null
	@$(call build,release) --target contest-millrace millrace
	@bench/gate/run $(if $(findstring update,$@),--update) build/release

.PHONY: bench-costs
bench-costs: configure-release ## long: instructions, cache lines, allocations, system calls of hot paths, PATTERN=regex
	@$(call build,release) --target millrace bench
	@bench/costs/run build/release '$(PATTERN)'

# A preset is configured once; CMake itself looks after changes from then on.
configure-%: build/%/configured ;
.PRECIOUS: build/%/configured
build/%/configured: CMakePresets.json
	@mkdir -p build
	@cmake --preset $* $(configure_flags) >build/$*.log 2>&1 || { cat build/$*.log >&2; exit 1; }
	@touch $@

.PHONY: setup
setup: ## install what is missing on this machine (scripts/setup)
	@scripts/setup

# The npm packages that tests and the demonstration run, exactly as the lock file says.
.PHONY: npm
npm: setup
	@$(if $(wildcard $(packages)/package-lock.json),$(MAKE) --no-print-directory $(packages)/node_modules/.installed)
%/node_modules/.installed: %/package-lock.json
	cd $* && npm ci --ignore-scripts --no-audit --no-fund
	@touch $@

.PHONY: install
install: ## install into PREFIX (default /usr/local), below DESTDIR
	@$(MAKE) --no-print-directory build
	cmake --install build/release --prefix $(PREFIX)

.PHONY: format
format: ## lay out all C sources as .clang-format says
	@scripts/check-format --fix

.PHONY: lint
lint: configure-release ## layers, headers, format, clang-tidy on what changed
	scripts/check-layers
	scripts/check-headers
	scripts/check-format
	scripts/tidy

.PHONY: clean
clean: ## remove what was built; the fetched engine stays
	@find build -mindepth 1 -maxdepth 1 ! -name engine -exec rm -rf {} + 2>/dev/null || true

.PHONY: help
help: ## this list
	@sed -nE 's/^([a-z-]+):[^#]*## (.*)/\1\t\2/p' $(MAKEFILE_LIST) | while IFS=$$'\t' read -r name text; do printf '  make %-20s %s\n' "$$name" "$$text"; done
