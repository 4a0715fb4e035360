# SPDX-License-Identifier: Apache-2.0
"""Run in a node: what cloud-init's Ec2 data source does at boot to know its metadata, and no more."""

import sys

from cloudinit import helpers
from cloudinit.sources.DataSourceEc2 import DataSourceEc2

source = DataSourceEc2({}, None, helpers.Paths({"cloud_dir": "/tmp/crawl", "run_dir": "/tmp/crawl"}))
if not source.wait_for_metadata_service():
    sys.exit("no metadata service")
crawled = source.crawl_metadata()
sys.exit(0 if crawled.get("meta-data", {}).get("instance-id") else "no instance-id")
