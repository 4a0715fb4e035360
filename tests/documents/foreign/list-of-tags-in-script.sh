#!/bin/sh
aws ec2 create-tags --resources i-0a --tags Key=lustre:role,Value=oss
export LUSTRE_INIT_ROLE=oss
