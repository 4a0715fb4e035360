#!/bin/sh

# our storage nodes
#lustre-init
# its role
mgs:
  - 10.0.0.10
role: oss
