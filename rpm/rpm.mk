# SPDX-License-Identifier: Apache-2.0
# The package, built by rpmbuild from this very tree. On Debian dpkg holds the libraries, so rpm cannot see them.

UNITDIR   ?= $(PREFIX)/lib/systemd/system
PRESETDIR ?= $(PREFIX)/lib/systemd/system-preset
MODULESLOADDIR ?= $(PREFIX)/lib/modules-load.d
UDEVRULESDIR ?= $(PREFIX)/lib/udev/rules.d
MANDIR    ?= $(PREFIX)/share/man

RPM_TREE  := agent units rpm Makefile README.md LICENSE CHANGELOG.md
RPM_FILES  = $(shell find $(RPM_TREE) -type f)
RPM       := $(BUILD)/rpm/lustre-init-$(VERSION).rpm
RPM_NODEPS := $(if $(wildcard /etc/debian_version),--nodeps)

.PHONY: rpm
rpm: $(RPM)

$(RPM): $(RPM_FILES)
	$(say) RPM $@
	$(Q)rm -rf $(BUILD)/rpm && mkdir -p $(BUILD)/rpm/SOURCES
	$(Q)tar -czf $(BUILD)/rpm/SOURCES/lustre-init-$(VERSION).tar.gz \
		--transform 's,^,lustre-init-$(VERSION)/,' $(RPM_TREE)
	$(Q)HOME=/root rpmbuild --quiet -bb $(RPM_NODEPS) --define "_topdir $(CURDIR)/$(BUILD)/rpm" \
		--define "lustre_init_version $(VERSION)" --define "debug_package %{nil}" \
		--define "_unitdir $(UNITDIR)" --define "_presetdir $(PRESETDIR)" \
		--define "_modulesloaddir $(MODULESLOADDIR)" --define "_udevrulesdir $(UDEVRULESDIR)" \
		rpm/lustre-init.spec >$(BUILD)/rpm/build.log 2>&1 || { tail -40 $(BUILD)/rpm/build.log; false; }
	$(Q)cp $(BUILD)/rpm/RPMS/*/lustre-init-$(VERSION)-*.rpm $@

.PHONY: install
install: $(BUILD)/lustre-init install-documents install-cloud-init
	install -D -m 0755 $(BUILD)/lustre-init $(DESTDIR)$(PREFIX)/sbin/lustre-init
	install -d $(DESTDIR)$(UNITDIR) $(DESTDIR)$(PRESETDIR) $(DESTDIR)$(MANDIR)/man8
	install -m 0644 units/lustre-init.service units/lustre-ready.target \
		units/lustre-init-device.service units/lustre-init-tags.service \
		units/lustre-init-tags.timer $(DESTDIR)$(UNITDIR)/
	install -D -m 0644 units/90-lustre-init.rules $(DESTDIR)$(UDEVRULESDIR)/90-lustre-init.rules
	install -m 0644 units/90-lustre-init.preset $(DESTDIR)$(PRESETDIR)/
	install -D -m 0644 units/lustre-init.modules-load.conf $(DESTDIR)$(MODULESLOADDIR)/lustre-init.conf
	install -m 0644 agent/man/lustre-init.8 $(DESTDIR)$(MANDIR)/man8/
	install -d -m 0755 $(DESTDIR)/etc/lustre-init/conf.d
	install -d -m 0700 $(DESTDIR)/var/lib/lustre-init
