# SPDX-License-Identifier: Apache-2.0
# The package, built by rpmbuild from this very tree. On Debian dpkg holds the libraries, so rpm cannot see them.

SBINDIR   ?= $(PREFIX)/sbin
UNITDIR   ?= $(PREFIX)/lib/systemd/system
PRESETDIR ?= $(PREFIX)/lib/systemd/system-preset
MODULESLOADDIR ?= $(PREFIX)/lib/modules-load.d
UDEVRULESDIR ?= $(PREFIX)/lib/udev/rules.d
CATALOGDIR ?= $(PREFIX)/lib/systemd/catalog
MANDIR    ?= $(PREFIX)/share/man

RPM_TREE  := agent units rpm Makefile README.md LICENSE CHANGELOG.md
RPM_FILES  = $(shell find $(RPM_TREE) -type f)
RPM       := $(BUILD)/rpm/lustre-init-$(VERSION).rpm
SRPM      := $(BUILD)/srpm/lustre-init-$(VERSION).src.rpm
# The same tree gives the same bytes, wherever and whenever it is packed. An archive of one has the time of its commit.
SOURCE_DATE_EPOCH ?= $(or $(shell git log -1 --format=%ct 2>/dev/null),$(shell stat -c %Y CHANGELOG.md))
TAR_SAME  := --sort=name --owner=0 --group=0 --numeric-owner --format=gnu --exclude=__pycache__
# Debian's dpkg has the libraries.
RPM_DEBIAN = $(if $(wildcard /etc/debian_version),--nodeps --load=$(CURDIR)/rpm/debian.macros \
	$(if $(shell command -v eu-strip),--define "_enable_debug_packages 1"))
RPMBUILD   = HOME=/root SOURCE_DATE_EPOCH=$(SOURCE_DATE_EPOCH) rpmbuild --quiet $(RPM_DEBIAN) \
	--define "_topdir $(CURDIR)/$(@D)" --define "_buildhost localhost" \
	--define "use_source_date_epoch_as_buildtime 1" --define "clamp_mtime_to_source_date_epoch 1" \
	--define "_unitdir $(UNITDIR)" --define "_presetdir $(PRESETDIR)" --define "_modulesloaddir $(MODULESLOADDIR)" \
	--define "_udevrulesdir $(UDEVRULESDIR)"

# The source archive, with the tests, which a package's %check runs.
define rpm_archive
rm -rf $(@D) && mkdir -p $(@D)/SOURCES && \
	tar -c $(TAR_SAME) --mtime=@$(SOURCE_DATE_EPOCH) --transform 's,^,lustre-init-$(VERSION)/,' $(RPM_TREE) tests | \
	gzip -n >$(@D)/SOURCES/lustre-init-$(VERSION).tar.gz
endef

# It is linked to the libraries of the system that it is built on, by versions that others do not have.
BUILT_ON = $(shell . /etc/os-release && echo "$$PRETTY_NAME")
ELSEWHERE = for another system build it there (ami-build/README.md: The package)

.PHONY: rpm srpm check-rpm
rpm: $(RPM)
	@echo "$< is for $(BUILT_ON); $(ELSEWHERE)"
srpm: $(SRPM)

# Not with %check: `make check` has the same tests. What was built stays, for rpm-newer.
$(RPM): $(RPM_FILES)
	$(say) RPM $@
	$(Q)$(rpm_archive)
	$(Q)$(RPMBUILD) -bb --noclean --without check rpm/lustre-init.spec >$(@D)/build.log 2>&1 || { tail -40 $(@D)/build.log; false; }
	$(Q)cp $(@D)/RPMS/*/lustre-init-$(VERSION)-*.rpm $@

$(SRPM): $(RPM_FILES)
	$(say) SRPM $@
	$(Q)$(rpm_archive)
	$(Q)$(RPMBUILD) -bs rpm/lustre-init.spec >$(@D)/build.log 2>&1 || { tail -40 $(@D)/build.log; false; }
	$(Q)cp $(@D)/SRPMS/lustre-init-$(VERSION)-*.src.rpm $@

# The source package makes the package, by itself.
REBUILT   := $(BUILD)/rebuilt/lustre-init-$(VERSION).rpm
$(REBUILT): $(SRPM)
	$(say) RPM $@
	$(Q)rm -rf $(@D) && mkdir -p $(@D)
	$(Q)$(RPMBUILD) -rb --without check $< >$(@D)/build.log 2>&1 || { tail -40 $(@D)/build.log; false; }
	$(Q)cp $(@D)/RPMS/*/lustre-init-$(VERSION)-*.rpm $@

# The same program as a newer release, for the lab: packed once more, not built once more, and not stripped, which tells
# the two apart.
NEWER     := $(BUILD)/rpm-newer/lustre-init-$(VERSION)-newer.rpm
.PHONY: rpm-newer
rpm-newer: $(NEWER)
$(NEWER): $(RPM)
	$(say) RPM $@
	$(Q)rm -rf $(@D) && mkdir -p $(@D)
	$(Q)for stage in -bi -bb; do \
		$(subst $(@D),$(<D),$(RPMBUILD)) $$stage --short-circuit --without check --define "dist .newer" \
		--define "debug_package %{nil}" --define "_rpmdir $(CURDIR)/$(@D)" rpm/lustre-init.spec || exit 1; \
	done >$(@D)/build.log 2>&1 || { tail -40 $(@D)/build.log; false; }
	$(Q)cp $(@D)/*/lustre-init-$(VERSION)-*.rpm $@

# Made in two folders, one from the tree and one from the source package, it has the same bytes; and what a packager looks at.
check-rpm: $(RPM) $(REBUILT)
	$(Q)python3 -B tests/packages/check.py rpm $^

# The same of another system's rpm, without what only this one's linters and shells say (make soak-systems).
.PHONY: check-rpm-elsewhere
check-rpm-elsewhere: $(RPM) $(REBUILT)
	$(Q)python3 -B tests/packages/check.py rpm-elsewhere $^

.PHONY: install
install: $(BUILD)/lustre-init install-documents install-completion install-cloud-init
	install -D -m 0755 $(BUILD)/lustre-init $(DESTDIR)$(SBINDIR)/lustre-init
	install -d $(DESTDIR)$(UNITDIR) $(DESTDIR)$(PRESETDIR) $(DESTDIR)$(MANDIR)/man8
	install -m 0644 units/lustre-init.service units/lustre-watch.service units/lustre-ready.target \
		units/lustre-init-device.service units/lustre-init-tags.service \
		units/lustre-init-tags.timer $(DESTDIR)$(UNITDIR)/
	install -D -m 0644 units/90-lustre-init.rules $(DESTDIR)$(UDEVRULESDIR)/90-lustre-init.rules
	install -m 0644 units/90-lustre-init.preset $(DESTDIR)$(PRESETDIR)/
	install -D -m 0644 units/lustre-init.modules-load.conf $(DESTDIR)$(MODULESLOADDIR)/lustre-init.conf
	install -D -m 0644 units/lustre-init.catalog $(DESTDIR)$(CATALOGDIR)/lustre-init.catalog
	install -d -m 0755 $(DESTDIR)$(PREFIX)/share/lustre-init
	install -D -m 0755 units/watch/hooks/deactivate-ost $(DESTDIR)$(PREFIX)/share/lustre-init/hooks/deactivate-ost
	install -d -m 0755 $(DESTDIR)/etc/lustre-init/hooks.d
	install -m 0644 units/watch/prometheus-alerts.yml units/watch/grafana-dashboard.json \
		$(DESTDIR)$(PREFIX)/share/lustre-init/
	install -m 0644 agent/man/lustre-init.8 $(DESTDIR)$(MANDIR)/man8/
	install -d -m 0755 $(DESTDIR)/etc/lustre-init/conf.d
	install -d -m 0700 $(DESTDIR)/var/lib/lustre-init
