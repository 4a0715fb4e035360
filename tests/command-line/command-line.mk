# SPDX-License-Identifier: Apache-2.0

# The program as it is called: options, exit codes, and what its words look like where they arrive.
.PHONY: check-command-line
check-command-line: $(BUILD)/lustre-init
	$(Q)python3 -B tests/command-line/test_command_line.py
