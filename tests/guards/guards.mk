# SPDX-License-Identifier: Apache-2.0
# Each guard of the disks taken out, and its tests seen to fail. Minutes, so not in check; it goes on where it stopped.

.PHONY: soak-guards
soak-guards: $(BUILD)/tests/imds-sim $(BUILD)/tests/imds-clock-step.so
	$(Q)tests/guards/run $(GUARDS)
