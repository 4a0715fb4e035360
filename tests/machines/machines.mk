# SPDX-License-Identifier: Apache-2.0

.PHONY: check-machines
check-machines: $(BUILD)/lustre-init
	$(Q)tests/machines/run

-include tests/command-line/command-line.mk
