# SPDX-License-Identifier: Apache-2.0

# What keeps cloud-init and lustre-init out of each other's way: see README.md here.
TMPFILESDIR ?= $(PREFIX)/lib/tmpfiles.d

.PHONY: install-cloud-init
install-cloud-init:
	install -D -m 0644 units/cloud-init/lustre_init_part.py \
		$(DESTDIR)$(PREFIX)/share/lustre-init/cloud-init/lustre_init_part.py
	install -D -m 0644 units/cloud-init/lustre-init.tmpfiles.conf \
		$(DESTDIR)$(TMPFILESDIR)/lustre-init.conf
	install -D -m 0644 units/cloud-init/part-handler.conf \
		$(DESTDIR)$(UNITDIR)/cloud-init.service.d/lustre-init.conf
	install -D -m 0644 units/cloud-init/part-handler.conf \
		$(DESTDIR)$(UNITDIR)/cloud-init-network.service.d/lustre-init.conf
	install -D -m 0644 units/cloud-init/95_lustre-init.cfg \
		$(DESTDIR)/etc/cloud/cloud.cfg.d/95_lustre-init.cfg
