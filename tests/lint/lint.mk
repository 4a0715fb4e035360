# SPDX-License-Identifier: Apache-2.0
#
# make lint         the rules of this tree; RULES='layers doors' holds only some
# make check-lint   all of them, slow ones too, and none left out

LINT_PACKAGES := $(PKGS) libmicrohttpd fuse3
LINT_SETTINGS := .clang-format .clang-tidy $(wildcard tests/lint/* tests/lint/rules/*.py)
RULES ?=

# What it takes from libraries: without a build where only some rules are held.
SYMBOLS := $(BUILD)/lustre-init.symbols
$(SYMBOLS): $(BUILD)/lustre-init
	$(Q)readelf -W --dyn-syms $< >$@

.PHONY: lint
lint: $(if $(RULES),,$(SYMBOLS)) $(BUILD)/lint/selftest.log
	tests/lint/lint --packages "$(LINT_PACKAGES)" --cache $(BUILD)/lint $(RULES)

.PHONY: check-lint
check-lint: $(SYMBOLS)
	tests/lint/lint --complete --packages "$(LINT_PACKAGES)" --cache $(BUILD)/lint

# Each rule is seen to report what breaks it.
.PHONY: check-lint-selftest
check-lint-selftest:
	tests/lint/selftest

$(BUILD)/lint/selftest.log: $(LINT_SETTINGS)
	@mkdir -p $(@D)
	$(Q)tests/lint/selftest >$@.new || { cat $@.new; false; }
	$(Q)mv $@.new $@
