#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Ends what launch.sh began, with all data on it: FSNAME=lustrewt ./terminate.sh
set -eu

FSNAME=${FSNAME:-lustrewt}

instances=$(aws ec2 describe-instances --filters "Name=tag:lustre:fsname,Values=$FSNAME" \
	Name=instance-state-name,Values=pending,running,stopping,stopped \
	--query 'Reservations[].Instances[].InstanceId' --output text)
if [ -n "$instances" ]; then
	# shellcheck disable=SC2086 # each is a word
	aws ec2 terminate-instances --instance-ids $instances --query 'TerminatingInstances[].InstanceId' --output text
	# shellcheck disable=SC2086
	aws ec2 wait instance-terminated --instance-ids $instances
fi
aws ec2 delete-placement-group --group-name "lustre-$FSNAME"
group=$(aws ec2 describe-security-groups --filters "Name=group-name,Values=lustre-$FSNAME" \
	--query 'SecurityGroups[0].GroupId' --output text)
aws ec2 delete-security-group --group-id "$group"
