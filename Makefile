# SPDX-License-Identifier: Apache-2.0
#
# make            the program, build/lustre-init
# make demo       tagged instances boot in the lab and a file system comes up (KEEP=1 keeps them)
# make check      lint, unit tests, recorded machines, IMDS tests, fuzz corpus, lab scenarios
# make bench      the figures: seconds to mounted, memory, size, requests
# make soak       the long versions: fuzzing, kills, power cuts; goes on where it stopped
# make rpm        build/rpm/lustre-init-*.rpm
# make deb        build/deb/lustre-init-*.deb
# make deps       what all of these need, through apt
# make install    to $(DESTDIR)

BUILD   := build
# V=1 shows the commands.
Q := $(if $(V),,@)
say = $(if $(V),@:,@printf '  %-5s %s\n')
VERSION := 0.1.0
PREFIX  ?= /usr
DESTDIR ?=

CC       ?= gcc
PKGS     := libcurl jansson blkid mount libsystemd yaml-0.1 zlib
# -Werror is for us, and `make check` sets it: a package is built by compilers that we have not met.
WERROR   ?=
# Where files lie stays out of the program; rpm's builds say that for themselves, and need it for debuggers.
PREFIX_MAP ?= -ffile-prefix-map=$(CURDIR)=.

WARNINGS := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition \
	-Wpointer-arith -Wwrite-strings -Wundef -Wvla -Wformat=2 -Wcast-qual -Wconversion \
	-Wsign-conversion -Wnull-dereference -Wdouble-promotion -Wimplicit-fallthrough -Wswitch-enum $(WERROR)
HARDEN   := -fstack-protector-strong -fPIE
# What not every compiler has, for every machine: it is asked, once.
PERHAPS  := -Wduplicated-cond -Wlogical-op -fstack-clash-protection -fcf-protection
KNOWN     = $(eval KNOWN := $$(shell for flag in $(PERHAPS); do \
	$(CC) -Werror $$$$flag -fsyntax-only -x c /dev/null 2>/dev/null && echo $$$$flag; done))$(KNOWN)

# Built once, by the packages' own word; `make deps` needs none of it.
PKG_CFLAGS = $(eval PKG_CFLAGS := $$(shell pkg-config --cflags $(PKGS)))$(PKG_CFLAGS)
PKG_LIBS   = $(eval PKG_LIBS := $$(shell pkg-config --libs $(PKGS)))$(PKG_LIBS)

# What a boot waits for is the disk that the program is read from, and tools: small is quick.
CFLAGS   ?= -Os -g
# A distribution has a level of its own.
ifeq ($(findstring _FORTIFY_SOURCE,$(CFLAGS) $(CPPFLAGS)),)
HARDEN   += -D_FORTIFY_SOURCE=2
endif
# "override": a packager's flags come from the environment or from the command line, and ours behind them. Threads are in a
# library of their own before glibc 2.34.
override CFLAGS += $(CPPFLAGS) -std=gnu17 -D_GNU_SOURCE -pthread -DLUSTRE_INIT_VERSION=\"$(VERSION)\" $(WARNINGS) $(HARDEN) \
	$(KNOWN) $(PREFIX_MAP)
override LDFLAGS += -pie -Wl,-z,relro,-z,now,--as-needed

SOURCES  := $(sort $(wildcard agent/*.c agent/*/*.c agent/*/*/*.c))
OBJECTS  := $(SOURCES:%.c=$(BUILD)/%.o)
# Everything but main(), for tests; each takes what it calls, and is linked in a third of the time.
LIBRARY  := $(BUILD)/agent.a

.PHONY: all
all: $(BUILD)/lustre-init

$(BUILD)/lustre-init: $(OBJECTS)
	$(say) LD $@
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(PKG_LIBS)

$(LIBRARY): $(filter-out $(BUILD)/agent/main.o,$(OBJECTS))
	$(say) AR $@
	$(Q)rm -f $@ && $(AR) qcs $@ $^

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(say) CC $<
	$(Q)$(CC) $(CFLAGS) $(PKG_CFLAGS) -Iagent -MMD -MP -c -o $@ $<

-include $(OBJECTS:.o=.d)

# Unit tests: one program per module, in the room of its module; cmocka.
UNIT_SOURCES  := $(sort $(wildcard tests/unit/*/test_*.c tests/unit/*/*/test_*.c))
UNIT_PROGRAMS := $(UNIT_SOURCES:%.c=$(BUILD)/%)

$(BUILD)/tests/unit/%.o: override CFLAGS += -Itests

$(UNIT_PROGRAMS): %: %.o $(LIBRARY)
	$(say) LD $@
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(PKG_LIBS) -lcmocka -ldl

.PRECIOUS: $(BUILD)/tests/%.o
-include $(UNIT_SOURCES:%.c=$(BUILD)/%.d)

-include tests/lab/lustre-sim/lustre-sim.mk
-include tests/imds/imds.mk
-include tests/imds/matrix.mk
-include tests/watch/stories.mk
-include tests/storm/storm.mk
-include tests/lab/lab.mk
-include tests/lab/soak.mk
-include tests/systems/systems.mk
-include tests/fuzz/fuzz.mk
-include tests/flags/flags.mk
-include tests/documents/documents.mk
-include tests/machines/machines.mk
-include tests/watch/watch.mk
-include tests/guards/guards.mk
-include tests/ami/ami.mk
-include tests/lint/lint.mk
-include tests/examples/examples.mk
-include tests/readme/readme.mk
-include tests/check.mk
-include agent/man/man.mk
-include agent/completion/completion.mk
-include units/cloud-init/cloud-init.mk
-include rpm/rpm.mk
-include debian/deb.mk

.PHONY: check-unit soak-unit
check-unit: $(UNIT_PROGRAMS)
	tests/unit/run $(UNIT_PROGRAMS)

# The same under the address and undefined-behaviour sanitizers, but for those that stand in for malloc() themselves.
SANITIZE := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
soak-unit:
	$(Q)$(MAKE) --no-print-directory BUILD=$(BUILD)/sanitized CFLAGS='$(SANITIZE)' \
		UNIT_SOURCES='$(shell grep -L scenes/allocation.h $(UNIT_SOURCES))' check-unit

.PHONY: clean
clean:
	rm -rf $(BUILD)
