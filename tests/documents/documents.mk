# SPDX-License-Identifier: Apache-2.0

# Writes anew what comes of each document, the man page of the keys and their JSON schema, from the table
# of keys and the sentences in the code. `make check-unit` holds all of them to it.
.PHONY: update-documents
update-documents: $(BUILD)/tests/unit/verbs/test_documents $(BUILD)/lustre-init
	DOCUMENTS_UPDATE=1 $(BUILD)/tests/unit/verbs/test_documents
	$(BUILD)/lustre-init check --man >agent/man/lustre-init.yaml.5
	$(BUILD)/lustre-init check --schema >agent/schema/lustre-init.schema.json

-include tests/cloud-init/cloud-init.mk
