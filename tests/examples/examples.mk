# SPDX-License-Identifier: Apache-2.0
#
# make check-examples   ami-build/examples: every tag and document through the program, and what tools that are there say
# make soak-examples    the same, where no tool may be missing: the AWS CLI (tests/examples/DEPS), and node with npm, for
#                       an HCL parser and AWS's own specification of CloudFormation

# Debian's npm is 360 packages, its awscli 25, against the 297 of all other tests: not for every check.
EXAMPLES_NODE := $(BUILD)/examples/node_modules/.package-lock.json

.PHONY: check-examples soak-examples
check-examples: $(BUILD)/lustre-init
	$(Q)python3 -B tests/examples/test_examples.py

soak-examples: $(BUILD)/lustre-init $(EXAMPLES_NODE)
	@tests/install-deps tests/examples/DEPS
	$(Q)EXAMPLES_COMPLETE=1 python3 -B tests/examples/test_examples.py

# The versions and their checksums are in the lock, without the frameworks that two of them would be used with; where they come from is npm's own matter.
$(EXAMPLES_NODE): tests/examples/package.json tests/examples/package-lock.json
	@command -v npm >/dev/null || { echo "soak-examples: install node and npm" >&2; exit 1; }
	@mkdir -p $(BUILD)/examples
	$(Q)cp $^ $(BUILD)/examples/
	$(Q)cd $(BUILD)/examples && npm ci --legacy-peer-deps --ignore-scripts --no-audit --no-fund --omit-lockfile-registry-resolved
	@touch $@
