# SPDX-License-Identifier: Apache-2.0

# The part handler alone; CLOUD_INIT=DIR (an unpacked package with its dependencies) adds cloud-init's code.
.PHONY: check-cloud-init
check-cloud-init:
	python3 -B tests/cloud-init/test_part_handler.py
check-unit: check-cloud-init
