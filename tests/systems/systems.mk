# SPDX-License-Identifier: Apache-2.0
#
# make soak-systems     what is committed, built and tested on each system and with each compiler of tests/systems/systems;
#                       goes on where it stopped. SYSTEMS='debian-11 debian-sid/clang' runs some, SUITES='unit machines' less

.PHONY: soak-systems
soak-systems:
	@tests/install-deps tests/systems/DEPS
	$(Q)nice python3 -B tests/systems/run.py $(SYSTEMS)

# What this system's own systemd says of our units; `make lint` asks more of one that has newer options.
.PHONY: check-units
check-units:
	$(Q)tests/systems/verify-units
