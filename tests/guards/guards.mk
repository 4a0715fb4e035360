# SPDX-License-Identifier: Apache-2.0
# Each guard of the disks taken out, and its tests seen to fail. A rebuild for each: minutes, so not in check.

.PHONY: soak-guards
soak-guards:
	$(Q)tests/guards/run $(GUARDS)
