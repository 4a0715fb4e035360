# SPDX-License-Identifier: Apache-2.0
#
# make check-flags   the program, as distributions build it: their flags, another compiler

FLAGS ?= $(filter-out run %.mk,$(notdir $(wildcard tests/flags/*)))

.PHONY: check-flags
check-flags:
	$(Q)MAKE="$(MAKE)" tests/flags/run $(BUILD)/flags $(FLAGS)
