# SPDX-License-Identifier: Apache-2.0
# The package for Debian and Ubuntu, built by dpkg from a copy of this very tree, as the RPM is.

DEB       := $(BUILD)/deb/lustre-init-$(VERSION).deb
DEB_AGAIN := $(BUILD)/deb-in-another-folder/lustre-init-$(VERSION).deb
DEB_TREE  := $(RPM_TREE) debian
DEB_FILES  = $(shell find $(DEB_TREE) -type f)
# As in a build service: no flags of the make that calls it, nobody's time zone or language.
DEBBUILD   = env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL -u WERROR SOURCE_DATE_EPOCH=$(SOURCE_DATE_EPOCH) LC_ALL=C.UTF-8 TZ=UTC \
	DEB_BUILD_OPTIONS="nocheck parallel=$(shell nproc)" dpkg-buildpackage -b -d -us -uc

.PHONY: deb
deb: $(DEB)
	@echo "$< is for $(BUILT_ON); $(ELSEWHERE)"

# Not with its tests: `make check` has the same.
$(DEB) $(DEB_AGAIN): $(DEB_FILES)
	$(say) DEB $@
	$(Q)rm -rf $(@D) && mkdir -p $(@D)/tree
	$(Q)tar -c $(TAR_SAME) --mtime=@$(SOURCE_DATE_EPOCH) $(DEB_TREE) tests | tar -x -C $(@D)/tree
	$(Q)cd $(@D)/tree && $(DEBBUILD) >../build.log 2>&1 || { tail -40 ../build.log; false; }
	$(Q)cp $(@D)/lustre-init_$(VERSION)-*.deb $@

# Beside the RPM: both hold the same. Made in two folders, it has the same bytes.
.PHONY: check-deb
check-deb: $(DEB) $(RPM) $(DEB_AGAIN)
	$(Q)python3 -B tests/packages/check.py deb $^
