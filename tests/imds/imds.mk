# SPDX-License-Identifier: Apache-2.0
#
# make imds-sim     the metadata service simulator, build/tests/imds-sim
# make check-imds   its self-test, on loopback

IMDS_SOURCES := $(sort $(wildcard tests/imds/*.c))
IMDS_OBJECTS := $(IMDS_SOURCES:%.c=$(BUILD)/%.o)

# Asked only when something is built, like PKG_CFLAGS.
IMDS_CFLAGS = $(eval IMDS_CFLAGS := $$(shell pkg-config --cflags libmicrohttpd jansson))$(IMDS_CFLAGS)
IMDS_LIBS   = $(eval IMDS_LIBS := $$(shell pkg-config --libs libmicrohttpd jansson))$(IMDS_LIBS)

$(BUILD)/tests/imds-sim: $(IMDS_OBJECTS)
	$(say) LD $@
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(IMDS_LIBS) -lpthread

$(IMDS_OBJECTS): $(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(say) CC $<
	$(Q)$(CC) $(CFLAGS) $(IMDS_CFLAGS) -pthread -MMD -MP -c -o $@ $<

.PHONY: imds-sim check-imds
imds-sim: $(BUILD)/tests/imds-sim

check-imds: $(BUILD)/tests/imds-sim
	python3 -B tests/imds/selftest.py $<

-include $(IMDS_OBJECTS:.o=.d)
