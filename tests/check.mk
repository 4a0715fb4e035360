# SPDX-License-Identifier: Apache-2.0
#
# make check        everything a change must pass; SUITES='unit lint' runs some of it
# make deps         what all of these need, through apt; quick where all is there
# make deps-build   what the program alone needs; deps-demo, what the demo needs

# A suite NAME is the target check-NAME; its last line is "N passed, N failed, N skipped". After the colon: the
# seconds it may take, several times what it needs, on a machine that does nothing else (tests/pace.py); a plus, if
# it mostly waits: it runs beside those that work. The quick ones first, so that a mistake shows early.
SUITES ?= pace:120 suites:120 deps:60 lint-selftest:300 lab-selftest:120 unit:600 watch:600 \
	imds:300+ imds-matrix:600+ watch-stories:600+ storm:600+ \
	examples:300 readme:120 machines:300 command-line:300 flags:600 rpm:600 deb:900 fuzz:600 ami:600 lint:1200 lustre-sim:600 lab:3600

.PHONY: deps deps-build deps-demo
deps:
	@tests/install-deps agent/DEPS tests/lab/DEPS tests/DEPS
	@tests/unpack-deps $(BUILD)/deps tests/watch/DEPS
deps-build:
	@tests/install-deps agent/DEPS
deps-demo:
	@tests/install-deps agent/DEPS tests/lab/DEPS

# Bounds of time: what is slow is waited for, what hangs is ended.
.PHONY: check-pace
check-pace:
	$(Q)python3 -B tests/test_pace.py

# How suites are run.
.PHONY: check-suites
check-suites:
	$(Q)python3 -B tests/test_suites.py

# What is taken for a list of packages; nothing is installed.
.PHONY: check-deps
check-deps:
	$(Q)python3 -B tests/test_install_deps.py

# A make of its own: what packages say of their flags is only known once they are installed. Whatever two suites
# need is there before any begins. exec: where make is told to end, it tells the process that it started.
.PHONY: check
check: export WERROR := -Werror
check: deps
	@$(MAKE) --no-print-directory -j$(shell nproc) all imds-sim lustre-sim
	@exec env MAKE="$(MAKE)" tests/suites $(SUITES)
