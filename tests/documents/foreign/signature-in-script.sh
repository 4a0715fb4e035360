#!/bin/sh
#lustre-init
role=oss
echo "role: $role"
