# SPDX-License-Identifier: Apache-2.0
#
# make check-watch-stories  lustre-init watch itself: notices, hooks, faults
# make soak-watch           the same, looked at later: what a story ends with lasts; and those that take an hour

WATCH_NEEDS := $(BUILD)/lustre-init $(BUILD)/tests/imds-sim $(BUILD)/tests/imds-clock-step.so

.PHONY: check-watch-stories soak-watch
check-watch-stories: $(WATCH_NEEDS)
	$(Q)python3 -B tests/watch/run_stories.py --build $(BUILD)
soak-watch: $(WATCH_NEEDS)
	$(Q)python3 -B tests/watch/run_stories.py --build $(BUILD) --late 8
	$(Q)python3 -B tests/watch/run_stories.py --build $(BUILD) --soak
