# SPDX-License-Identifier: Apache-2.0
#
# make check-watch-stories  lustre-init watch itself: notices, hooks, faults

.PHONY: check-watch-stories
check-watch-stories: $(BUILD)/lustre-init $(BUILD)/tests/imds-sim $(BUILD)/tests/imds-clock-step.so
	$(Q)python3 -B tests/watch/run_stories.py --build $(BUILD)
