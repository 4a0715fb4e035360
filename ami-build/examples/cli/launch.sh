#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A Lustre file system on EC2 with the AWS CLI, step by step: run it whole, or paste it into bash, line by line.
#
#   VPC=vpc-… SUBNET=subnet-… SERVER_AMI=ami-… CLIENT_AMI=ami-… MGS=10.0.0.10 ./launch.sh
#
# MGS is an address of the subnet that nobody has. lustre-init is in PATH (`make`, then PATH=$PWD/build:$PATH). Nobody logs
# in to the nodes without KEY_NAME (a key pair) or INSTANCE_PROFILE (for Session Manager), and MORE_GROUPS (security groups
# that let one in, with blanks between). terminate.sh ends what this begins.

# A mistake ends the script; the shell that it is pasted into stays open.
case $- in *i*) ;; *) set -eu ;; esac
# On a terminal, version 2 of the AWS CLI would give what it says to a pager, which may wait for a key.
export AWS_PAGER=

: "${VPC:?is the VPC}" "${SUBNET:?is a subnet of it, with IPv4}"
: "${SERVER_AMI:?is an image with Lustre servers and lustre-init}" "${CLIENT_AMI:?is one with a Lustre client}"
: "${MGS:?is the address that the MGS shall have}"
FSNAME=${FSNAME:-lustrewt}
MDS_TYPE=${MDS_TYPE:-i4i.2xlarge}
OSS_TYPE=${OSS_TYPE:-i4i.4xlarge}
OSS_COUNT=${OSS_COUNT:-8}
CLIENT_TYPE=${CLIENT_TYPE:-c6i.4xlarge}
CLIENT_COUNT=${CLIENT_COUNT:-4}
KEY_NAME=${KEY_NAME:-} INSTANCE_PROFILE=${INSTANCE_PROFILE:-} MORE_GROUPS=${MORE_GROUPS:-}

# 1. A dry start: what the nodes will be. It costs nothing, and a mistake ends here (exit 2 or 3).
length=$(aws ec2 describe-subnets --subnet-ids "$SUBNET" --query 'Subnets[0].CidrBlock' --output text)
network=$length length=${length#*/}
lustre-init check --tags role=mgs+mds "fsname=$FSNAME" "mgs=$MGS" \
	--address "$MGS/$length" --instance-type "$MDS_TYPE"
lustre-init check --tags role=oss "fsname=$FSNAME" "mgs=$MGS" --address "$network" --instance-type "$OSS_TYPE"
lustre-init check --tags role=client "fsname=$FSNAME" "mgs=$MGS" --address "$network"

# What EC2 would refuse when the groups below are made already: an address as a number, and which part of it is the subnet's.
number() {
	# shellcheck disable=SC2046 # each is a word
	set -- $(echo "$1" | tr . ' ')
	echo $((($1 << 24) + ($2 << 16) + ($3 << 8) + $4))
}
inside=
[ $(($(number "$MGS") >> (32 - length))) -ne $(($(number "${network%/*}") >> (32 - length))) ] || inside=yes
: "${inside:?$MGS is no address of the subnet $SUBNET, which is $network}"

# 2. A cluster placement group: one TCP flow gets 10 Gbit/s in it, and 5 elsewhere. A region has its name once, so where a
#    file system of this name is there already, it ends here, and has begun nothing.
together=$(aws ec2 create-placement-group --group-name "lustre-$FSNAME" --strategy cluster \
	--query PlacementGroup.GroupName --output text)

# 3. A security group whose members reach each other on TCP port 988, and nobody else does. It is stateful: answers
#    need no rule. What goes out is open by default.
group=$(aws ec2 create-security-group --vpc-id "$VPC" --group-name "${together:?is the placement group}" \
	--description "Lustre $FSNAME: TCP 988 among its members" --query GroupId --output text)
aws ec2 authorize-security-group-ingress --group-id "$group" --protocol tcp --port 988 --source-group "$group"

# Instance tags are in the metadata only where they are asked for. No tag of such an instance may have a blank or a
# slash in its key: EC2 does not launch it.
metadata=HttpEndpoint=enabled,HttpTokens=required,InstanceMetadataTags=enabled

# The tags of one role, as the CLI takes them.
tags() {
	printf 'ResourceType=instance,Tags=[%s,%s,%s,%s]' "{Key=Name,Value=$FSNAME-$1}" \
		"{Key=lustre:role,Value=$2}" "{Key=lustre:fsname,Value=$FSNAME}" "{Key=lustre:mgs,Value=$MGS}"
}

# What is the same for all nodes: launch NAME ROLE OPTION…
launch() {
	tags=$(tags "$1" "$2")
	shift 2
	# shellcheck disable=SC2086 # each of MORE_GROUPS is a word
	aws ec2 run-instances "$@" --subnet-id "$SUBNET" --security-group-ids "$group" $MORE_GROUPS \
		${KEY_NAME:+--key-name "$KEY_NAME"} \
		${INSTANCE_PROFILE:+--iam-instance-profile "Name=\"$INSTANCE_PROFILE\""} \
		--placement "GroupName=${together:?is the placement group}" --metadata-options "$metadata" \
		--tag-specifications "$tags" --query 'Instances[].InstanceId' --output text
}

# 4. The MGS with the MDS, at the address that all others name. No order is needed: who comes early waits for it.
launch mds mgs+mds --image-id "$SERVER_AMI" --instance-type "$MDS_TYPE" --count 1 --private-ip-address "$MGS"

# 5. The OSSes, all alike: the index of each OST comes of its node's address.
launch oss oss --image-id "$SERVER_AMI" --instance-type "$OSS_TYPE" --count "$OSS_COUNT"

# 6. Clients, on spot capacity: they hold nothing.
[ "$CLIENT_COUNT" -eq 0 ] || launch client client --image-id "$CLIENT_AMI" --instance-type "$CLIENT_TYPE" \
	--count "$CLIENT_COUNT" --instance-market-options MarketType=spot

# 7. How they stand: on a node, `lustre-init status --wait`; without a login, the console, where errors are.
echo "aws ec2 get-console-output --latest --output text --instance-id …"
