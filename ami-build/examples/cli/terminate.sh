#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Ends what launch.sh began, with all data on it: FSNAME=lustrewt ./terminate.sh
# What a run that was cut off has left, the next one takes away.
set -eu
export AWS_PAGER=

FSNAME=${FSNAME:-lustrewt}
# A filter of EC2 would take * and ? for any text, and a comma begins another name.
case $FSNAME in
*[!A-Za-z0-9_-]*)
	echo "terminate.sh: FSNAME is the name of one file system, and not '$FSNAME'" >&2
	exit 2
	;;
esac

# By the security group, too: a file system of that name which a stack or a module launched is another one.
instances=$(aws ec2 describe-instances --filters "Name=tag:lustre:fsname,Values=$FSNAME" \
	"Name=instance.group-name,Values=lustre-$FSNAME" \
	Name=instance-state-name,Values=pending,running,stopping,stopped \
	--query 'Reservations[].Instances[].InstanceId' --output text)
if [ -n "$instances" ]; then
	# shellcheck disable=SC2086 # each is a word
	aws ec2 terminate-instances --instance-ids $instances --query 'TerminatingInstances[].InstanceId' --output text
	# shellcheck disable=SC2086
	aws ec2 wait instance-terminated --instance-ids $instances
fi
placement=$(aws ec2 describe-placement-groups --filters "Name=group-name,Values=lustre-$FSNAME" \
	--query 'PlacementGroups[].GroupName' --output text)
[ -z "$placement" ] || aws ec2 delete-placement-group --group-name "$placement"
# One in each VPC, as a launch that was cut off may have left it.
groups=$(aws ec2 describe-security-groups --filters "Name=group-name,Values=lustre-$FSNAME" \
	--query 'SecurityGroups[].GroupId' --output text)
for group in $groups; do
	aws ec2 delete-security-group --group-id "$group"
done
