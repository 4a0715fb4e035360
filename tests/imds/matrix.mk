# SPDX-License-Identifier: Apache-2.0
#
# make check-imds-matrix   every fault of the metadata service, alone and in pairs, against the client
# make soak-imds           the rows that wait for minutes
# make check-imds-guards   takes each guard out of the client and sees its rows fail (not part of make check)

IMDS_MATRIX := $(BUILD)/lustre-init $(BUILD)/tests/imds-probe $(BUILD)/tests/imds-clock-step.so $(BUILD)/tests/imds-sim

$(BUILD)/tests/imds-probe: $(BUILD)/tests/imds/matrix/probe.o $(LIBRARY)
	$(say) LD $@
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(PKG_LIBS)

# Preloaded, so not a program of its own.
$(BUILD)/tests/imds-clock-step.so: tests/imds/matrix/clock_step.c
	@mkdir -p $(@D)
	$(say) LD $@
	$(Q)$(CC) -std=gnu17 -D_GNU_SOURCE -O2 $(WARNINGS) -fPIC -shared -o $@ $<

.PHONY: check-imds-matrix soak-imds check-imds-guards
check-imds-matrix: $(IMDS_MATRIX)
	python3 -B tests/imds/run_matrix.py --build $(BUILD) $(if $(LUSTRE_INIT_EMULATED),--emulated)

soak-imds: $(IMDS_MATRIX)
	python3 -B tests/imds/run_matrix.py --build $(BUILD) --soak

check-imds-guards: $(IMDS_MATRIX)
	python3 -B tests/imds/run_guards.py --build $(BUILD)

-include $(BUILD)/tests/imds/matrix/probe.d
