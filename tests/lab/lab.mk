# SPDX-License-Identifier: Apache-2.0
# The lab, for the top Makefile, which sets BUILD and Q and makes rpm, lustre-sim and imds-sim.

LAB := python3 tests/lab/lab

# What a lab of our own needs built; with LAB_IMAGE the image brings its own Lustre and agent.
# LAB_PACKAGE=deb: nodes have the agent from its .deb.
export LAB_PACKAGE ?= rpm
LAB_NEEDS := imds-sim $(if $(LAB_IMAGE),,$(LAB_PACKAGE) lustre-sim)

# What needs nothing of ours, made while the rest is built.
.PHONY: lab-base
lab-base:
	$(Q)$(LAB) base

.PHONY: lab-image demo demo-stop login check-lab
lab-image: $(LAB_NEEDS)
	$(Q)$(LAB) image

# A make of its own: what packages say of their flags is only known once they are installed.
demo:
	@echo "lustre-init demo: three EC2 instances, emulated; Lustre is played by a stand-in, all else is real."
	@echo "It installs what it needs of Debian's packages, builds, and makes an image, the first time: some 2 minutes."
	$(Q)tests/install-deps agent/DEPS tests/lab/DEPS
	$(Q)$(MAKE) --no-print-directory -j$(shell nproc) lab-base $(LAB_NEEDS)
	$(Q)$(LAB) demo $(if $(KEEP),--keep)

demo-stop:
	$(Q)$(LAB) down

login:
	$(Q)$(LAB) login $(or $(NODE),$(error say which node: make login NODE=oss))

# The lab's own tests, without a guest.
.PHONY: check-lab-selftest
check-lab-selftest:
	python3 -B tests/lab/run_selftest.py

# make check-lab SCENARIO=20-reboot runs that one.
check-lab: $(LAB_NEEDS)
	$(Q)$(LAB) check $(SCENARIO)

# The figures of a first boot, and what the program weighs.
.PHONY: bench
bench: $(LAB_NEEDS) $(BUILD)/lustre-init
	$(Q)python3 tests/lab/bench.py
