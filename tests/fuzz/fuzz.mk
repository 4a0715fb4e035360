# SPDX-License-Identifier: Apache-2.0
#
# make check-fuzz   every target over its seeds, without an engine
# make soak-fuzz    FUZZ_RUNS executions of each target (or of FUZZ_TARGETS) with libFuzzer and the address
#                   and undefined-behaviour sanitizers; counts are kept, so it goes on where it stopped

FUZZ_SOURCES  := $(sort $(wildcard tests/fuzz/fuzz_*.c))
FUZZ_TARGETS  ?= $(FUZZ_SOURCES:tests/fuzz/fuzz_%.c=%)
FUZZ_SHARED   := outcome cost
FUZZ_RUNS     ?= 10000000
FUZZ_PROGRAMS := $(FUZZ_SOURCES:%.c=$(BUILD)/%)

$(BUILD)/tests/fuzz/%.o: override CFLAGS += -Itests/fuzz

$(BUILD)/tests/fuzz/fuzz_%: $(BUILD)/tests/fuzz/fuzz_%.o $(BUILD)/tests/fuzz/replay.o \
		$(FUZZ_SHARED:%=$(BUILD)/tests/fuzz/%.o) $(LIBRARY)
	$(say) LD $@
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(PKG_LIBS)

-include $(patsubst %,$(BUILD)/tests/fuzz/%.d,$(notdir $(FUZZ_SOURCES:.c=)) $(FUZZ_SHARED) replay)
.PRECIOUS: $(BUILD)/%.o

# Documents are seeds of several targets: seeds/NAME.also lists further folders.
.PHONY: check-fuzz
check-fuzz: $(FUZZ_PROGRAMS)
	tests/fuzz/replay-all $(FUZZ_PROGRAMS)

# The same sources once more, instrumented. clang only: gcc has no libFuzzer.
FUZZ_BUILD  := $(BUILD)/fuzz
FUZZ_CLANG  ?= clang
FUZZ_CFLAGS := -std=gnu17 -D_GNU_SOURCE -DLUSTRE_INIT_VERSION=\"$(VERSION)\" -O2 -g -Iagent -Itests/fuzz \
	-fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer -DFUZZ_SANITIZED
FUZZ_LIBRARY := $(filter-out $(FUZZ_BUILD)/agent/main.o,$(SOURCES:%.c=$(FUZZ_BUILD)/%.o)) \
	$(FUZZ_SHARED:%=$(FUZZ_BUILD)/tests/fuzz/%.o)

$(FUZZ_BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(say) FUZZ $<
	$(Q)$(FUZZ_CLANG) $(FUZZ_CFLAGS) -fsanitize=fuzzer-no-link $(PKG_CFLAGS) -MMD -MP -c -o $@ $<

$(FUZZ_BUILD)/fuzz_%: $(FUZZ_BUILD)/tests/fuzz/fuzz_%.o $(FUZZ_LIBRARY)
	$(say) LD $@
	$(Q)$(FUZZ_CLANG) $(FUZZ_CFLAGS) -fsanitize=fuzzer -o $@ $^ $(PKG_LIBS)

-include $(FUZZ_LIBRARY:.o=.d)
.PRECIOUS: $(FUZZ_BUILD)/%.o

.PHONY: soak-fuzz
soak-fuzz: $(FUZZ_TARGETS:%=$(FUZZ_BUILD)/fuzz_%)
	tests/fuzz/soak $(FUZZ_BUILD) $(FUZZ_RUNS) $(FUZZ_TARGETS)
