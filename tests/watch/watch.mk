# SPDX-License-Identifier: Apache-2.0
#
# make check-watch   what the watch writes for Prometheus, as promtool and a real node_exporter read it; the alert rules
#                    and the dashboard beside it

METRICS_TOOL := $(BUILD)/tests/watch/metrics

$(METRICS_TOOL): $(METRICS_TOOL).o $(LIBRARY)
	$(say) LD $@
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(PKG_LIBS)

-include $(METRICS_TOOL).d

.PHONY: check-watch
check-watch: $(METRICS_TOOL)
	$(Q)python3 -B tests/watch/test_watch.py $(METRICS_TOOL)
