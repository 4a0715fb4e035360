# SPDX-License-Identifier: Apache-2.0
# The IMDS simulator: build/tests/imds-sim, and its self-test.

IMDS_SOURCES := $(wildcard tests/imds/*.c)
IMDS_OBJECTS := $(IMDS_SOURCES:%.c=$(BUILD)/%.o)
IMDS_CFLAGS  := $(shell pkg-config --cflags libmicrohttpd jansson)
IMDS_LIBS    := $(shell pkg-config --libs libmicrohttpd jansson) -lpthread

$(BUILD)/tests/imds-sim: $(IMDS_OBJECTS)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(IMDS_LIBS)

$(IMDS_OBJECTS): $(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -D_GNU_SOURCE -pthread $(IMDS_CFLAGS) -MMD -MP -c -o $@ $<

.PHONY: check-imds
check-imds: $(BUILD)/tests/imds-sim
	python3 tests/imds/selftest.py $<

-include $(IMDS_OBJECTS:.o=.d)
