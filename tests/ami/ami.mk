# SPDX-License-Identifier: Apache-2.0
#
# make check-ami    ami-build on a small image of stand-in packages, and the documents that call it
# make soak-ami     all stories and all broken images, each looked at by all checks; a client by apt, of the lab's Debian

.PHONY: check-ami soak-ami
check-ami:
	$(Q)python3 -B tests/ami/run_ami.py $(BUILD)/ami
soak-ami:
	$(Q)python3 -B tests/ami/run_ami.py $(BUILD)/ami --whole
