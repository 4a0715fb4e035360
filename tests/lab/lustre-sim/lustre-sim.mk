# SPDX-License-Identifier: Apache-2.0
# The stand-in for Lustre in the lab, for the top Makefile, which sets CC, CFLAGS, LDFLAGS and BUILD.

LUSTRE_SIM_DIR := tests/lab/lustre-sim
LUSTRE_SIM_OUT := $(BUILD)/lustre-sim
LUSTRE_SIM_FUSE_CFLAGS = $(shell pkg-config --cflags fuse3)
LUSTRE_SIM_FUSE_LIBS = $(shell pkg-config --libs fuse3)

LUSTRE_SIM_SHARED := conf tool_time kernel_log wire nid attributes layout target_name peer
LUSTRE_SIM_CLIENT := client client_fuse client_main
LUSTRE_SIM_TOOLS := main child local mountdata disk target_options mkfs_command mkfs tunefs module \
	ldiskfs registration mount_target mount_main ping lnet_import lnetctl lctl lfs \
	simd simd_handle simd_local acceptor lnet efa targets registry exports mdt ost parameters kernel_files

LUSTRE_SIM_PROGRAMS := $(LUSTRE_SIM_OUT)/lustre-sim $(LUSTRE_SIM_OUT)/lustre-sim-client
LUSTRE_SIM_FILES := $(patsubst $(LUSTRE_SIM_DIR)/%,$(LUSTRE_SIM_OUT)/%,$(wildcard $(LUSTRE_SIM_DIR)/files/*))

.PHONY: lustre-sim check-lustre-sim
lustre-sim: $(LUSTRE_SIM_PROGRAMS) $(LUSTRE_SIM_FILES)

check-lustre-sim: lustre-sim
	$(Q)python3 -B $(LUSTRE_SIM_DIR)/selftest.py $(LUSTRE_SIM_OUT)

$(LUSTRE_SIM_OUT)/lustre-sim: $(patsubst %,$(LUSTRE_SIM_OUT)/%.o,$(LUSTRE_SIM_SHARED) $(LUSTRE_SIM_TOOLS))
	$(say) LD $@
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ -pthread

$(LUSTRE_SIM_OUT)/lustre-sim-client: $(patsubst %,$(LUSTRE_SIM_OUT)/%.o,$(LUSTRE_SIM_SHARED) $(LUSTRE_SIM_CLIENT))
	$(say) LD $@
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ -pthread $(LUSTRE_SIM_FUSE_LIBS)

$(patsubst %,$(LUSTRE_SIM_OUT)/%.o,$(LUSTRE_SIM_CLIENT)): LUSTRE_SIM_EXTRA = $(LUSTRE_SIM_FUSE_CFLAGS)

$(LUSTRE_SIM_OUT)/%.o: $(LUSTRE_SIM_DIR)/%.c
	@mkdir -p $(@D)
	$(say) CC $<
	$(Q)$(CC) $(CFLAGS) -D_FILE_OFFSET_BITS=64 -pthread $(LUSTRE_SIM_EXTRA) -I$(LUSTRE_SIM_DIR) -MMD -MP \
		-c -o $@ $<

$(LUSTRE_SIM_OUT)/files/%: $(LUSTRE_SIM_DIR)/files/%
	@mkdir -p $(@D)
	@cp $< $@

-include $(wildcard $(LUSTRE_SIM_OUT)/*.d)
