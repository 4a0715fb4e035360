#!/bin/bash
#lustre-init
role: oss
fsname: lustrewt
mgs: 10.0.0.10
