# SPDX-License-Identifier: Apache-2.0
#
# make soak         the long versions, one after another: unit tests under sanitizers, guards, other systems, examples,
#                   images, scenarios, kills, power cuts, fuzzing. All but unit tests, images and scenarios go on where they stopped
#                   (build/guards, build/soak, build/fuzz); each ends with a line of figures
# make soak-lab     the scenarios that are too long for make check (tests/lab/scenarios/soak)
# make soak-kills   SIGKILL of the agent at everything it says in four different boots
# make soak-cuts    CUTS power cuts, replayed from recorded boots
#
# SEED=N draws others of both.
#
# All of it runs at the lowest priority. On a machine that has much else to do, LAB_PATIENCE=5 sets every bound five
# times as far away.

CUTS ?= 300

.PHONY: soak soak-lab soak-kills soak-cuts
soak: soak-unit soak-guards soak-imds soak-watch soak-systems soak-examples soak-ami soak-lab soak-kills soak-cuts soak-fuzz

# rpm-newer: what 92-packages upgrades to.
soak-lab: rpm-newer
	$(Q)$(MAKE) --no-print-directory check-lab SCENARIO=soak

soak-kills: $(LAB_NEEDS)
	$(Q)$(LAB) soak kills

soak-cuts: $(LAB_NEEDS)
	$(Q)CUTS=$(CUTS) $(LAB) soak cuts
