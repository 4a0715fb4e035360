# SPDX-License-Identifier: Apache-2.0

# Where the shells look for them.
BASHCOMPLETIONDIR ?= $(PREFIX)/share/bash-completion/completions
ZSHCOMPLETIONDIR  ?= $(PREFIX)/share/zsh/site-functions

.PHONY: install-completion
install-completion:
	install -D -m 0644 agent/completion/lustre-init $(DESTDIR)$(BASHCOMPLETIONDIR)/lustre-init
	install -D -m 0644 agent/completion/_lustre-init $(DESTDIR)$(ZSHCOMPLETIONDIR)/_lustre-init
