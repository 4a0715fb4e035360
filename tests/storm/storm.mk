# SPDX-License-Identifier: Apache-2.0
#
# make check-storm  a boot storm of 8 agents, every story
# make storm        of 64 (AGENTS=N for others), with the figures

STORM_UNITS := $(BUILD)/storm/units
AGENTS ?= 64

$(STORM_UNITS): tests/storm/units.c
	@mkdir -p $(@D)
	$(say) CC $<
	$(Q)$(CC) $(CFLAGS) $(PKG_CFLAGS) $(LDFLAGS) -o $@ $< $(PKG_LIBS)

.PHONY: check-storm storm
check-storm storm: $(STORM_UNITS) $(BUILD)/lustre-init lustre-sim imds-sim
check-storm:
	$(Q)python3 -B tests/storm/storm.py --agents 8 --late 12 --outage 5 $(BUILD)
storm:
	$(Q)python3 -B tests/storm/storm.py --agents $(AGENTS) --late 60 --outage 80 $(BUILD)
