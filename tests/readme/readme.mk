# SPDX-License-Identifier: Apache-2.0

# What the documents for users tell to run, run; and what they name, there.
.PHONY: check-readme
check-readme: $(BUILD)/lustre-init
	$(Q)python3 -B tests/readme/test_readme.py
