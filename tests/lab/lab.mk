# SPDX-License-Identifier: Apache-2.0
# The lab, for the top Makefile, which sets BUILD and Q and makes rpm, lustre-sim and imds-sim.

LAB := python3 tests/lab/lab

# What a lab of our own needs built; with LAB_IMAGE the image brings its own Lustre and agent.
LAB_NEEDS := imds-sim $(if $(LAB_IMAGE),,rpm lustre-sim)

.PHONY: lab-image demo demo-stop login check-lab
lab-image: $(LAB_NEEDS)
	$(Q)$(LAB) image

# A make of its own: what packages say of their flags is only known once they are installed.
demo: deps
	$(Q)$(MAKE) --no-print-directory $(LAB_NEEDS)
	$(Q)$(LAB) demo $(if $(KEEP),--keep)

demo-stop:
	$(Q)$(LAB) down

login:
	$(Q)$(LAB) login $(or $(NODE),$(error say which node: make login NODE=oss))

# make check-lab SCENARIO=20-reboot runs that one.
check-lab: $(LAB_NEEDS)
	$(Q)$(LAB) check $(SCENARIO)

# The figures of a first boot, and what the program weighs.
.PHONY: bench
bench: $(LAB_NEEDS)
	$(Q)python3 tests/lab/bench.py
