# SPDX-License-Identifier: Apache-2.0

# What the table of keys makes: its man page and its JSON schema.
.PHONY: install-documents
install-documents:
	install -D -m 0644 agent/man/lustre-init.yaml.5 $(DESTDIR)$(MANDIR)/man5/lustre-init.yaml.5
	install -D -m 0644 agent/schema/lustre-init.schema.json \
		$(DESTDIR)$(PREFIX)/share/lustre-init/lustre-init.schema.json
