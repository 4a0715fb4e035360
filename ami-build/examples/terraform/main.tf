# SPDX-License-Identifier: Apache-2.0
# A Lustre file system: one MGS with the MDS at a fixed address, an Auto Scaling group of OSSes, one of clients.
#
#   export AWS_REGION=eu-west-1      # or a region in the profile
#   terraform init
#   terraform apply -var vpc_id=vpc-… -var subnet_id=subnet-… -var server_ami=ami-… -var client_ami=ami-… \
#     -var mgs_address=10.0.0.10
#
# To take it down, with all data on it, first end the protection of the MDS: apply -var protect_mds=false, then destroy.

terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0"
    }
  }
}

locals {
  security_groups = concat([aws_security_group.members.id], var.more_security_groups)

  # What Auto Scaling groups launch: the role, by which the tags and the names are told, and of what.
  launched = {
    oss    = { ami = var.server_ami, type = var.oss_type }
    client = { ami = var.client_ami, type = var.client_type }
  }
}

# Its members reach each other on TCP port 988, and nobody else does.
resource "aws_security_group" "members" {
  name_prefix = "lustre-${var.fsname}-"
  description = "Lustre ${var.fsname}: TCP 988 among its members"
  vpc_id      = var.vpc_id
}

resource "aws_vpc_security_group_ingress_rule" "among_members" {
  security_group_id            = aws_security_group.members.id
  referenced_security_group_id = aws_security_group.members.id
  ip_protocol                  = "tcp"
  from_port                    = 988
  to_port                      = 988
}

# Terraform takes away the rule by which what goes out is open by default.
resource "aws_vpc_security_group_egress_rule" "out" {
  security_group_id = aws_security_group.members.id
  ip_protocol       = "-1"
  cidr_ipv4         = "0.0.0.0/0"
}

resource "aws_placement_group" "together" {
  name     = "lustre-${var.fsname}"
  strategy = "cluster"
}

# Instance tags are in the metadata only where they are asked for. No tag of such an instance may have a blank or a slash
# in its key, those of default_tags included: EC2 does not launch it.
#
# The MDT is on the disks of this very instance: to replace or stop it is to lose the file system. So another image, key or
# type, which would, is for new nodes alone; and EC2 refuses what would all the same, as another mgs_address.
resource "aws_instance" "mds" {
  ami                    = var.server_ami
  instance_type          = var.mds_type
  subnet_id              = var.subnet_id
  private_ip             = var.mgs_address
  vpc_security_group_ids = local.security_groups
  key_name               = var.key_name
  iam_instance_profile   = var.instance_profile
  placement_group        = aws_placement_group.together.name

  disable_api_stop        = var.protect_mds
  disable_api_termination = var.protect_mds

  metadata_options {
    http_endpoint          = "enabled"
    http_tokens            = "required"
    instance_metadata_tags = "enabled"
  }

  tags = {
    "Name"          = "${var.fsname}-mds"
    "lustre:role"   = "mgs+mds"
    "lustre:fsname" = var.fsname
    "lustre:mgs"    = var.mgs_address
  }

  lifecycle {
    ignore_changes = [ami, instance_type, key_name, user_data]
  }
}

# Tags of a launch template are there from the start; those that an Auto Scaling group propagates may come a little later,
# and are waited for.
resource "aws_launch_template" "node" {
  for_each = local.launched

  name_prefix            = "lustre-${var.fsname}-${each.key}-"
  image_id               = each.value.ami
  instance_type          = each.value.type
  vpc_security_group_ids = local.security_groups
  key_name               = var.key_name

  dynamic "iam_instance_profile" {
    for_each = var.instance_profile[*]
    content {
      name = iam_instance_profile.value
    }
  }

  metadata_options {
    http_endpoint          = "enabled"
    http_tokens            = "required"
    instance_metadata_tags = "enabled"
  }

  tag_specifications {
    resource_type = "instance"
    tags = {
      "Name"          = "${var.fsname}-${each.key}"
      "lustre:role"   = each.key
      "lustre:fsname" = var.fsname
      "lustre:mgs"    = var.mgs_address
    }
  }
}

# To grow, raise oss_count. To shrink is no use: with an OST go the files on it, hence the protection. The group does not
# replace an instance that is stopped, so that it can be started again; nor one that failed, which is a person's decision.
resource "aws_autoscaling_group" "oss" {
  name_prefix           = "lustre-${var.fsname}-oss-"
  min_size              = var.oss_count
  max_size              = var.oss_count
  vpc_zone_identifier   = [var.subnet_id]
  placement_group       = aws_placement_group.together.name
  protect_from_scale_in = true
  suspended_processes   = ["ReplaceUnhealthy"]

  launch_template {
    id      = aws_launch_template.node["oss"].id
    version = aws_launch_template.node["oss"].latest_version
  }

  # Not for Lustre's sake: a wrong address or image ends at the MDS, and what is launched keeps the tags that it has.
  depends_on = [aws_instance.mds]
}

resource "aws_autoscaling_group" "clients" {
  name_prefix         = "lustre-${var.fsname}-client-"
  min_size            = 0
  max_size            = var.client_count
  desired_capacity    = var.client_count
  vpc_zone_identifier = [var.subnet_id]
  placement_group     = aws_placement_group.together.name

  mixed_instances_policy {
    instances_distribution {
      on_demand_percentage_above_base_capacity = var.client_on_demand_percentage
      spot_allocation_strategy                 = "capacity-optimized"
    }

    launch_template {
      launch_template_specification {
        launch_template_id = aws_launch_template.node["client"].id
        version            = aws_launch_template.node["client"].latest_version
      }
    }
  }

  depends_on = [aws_instance.mds]
}

output "mount_source" {
  description = "What a client elsewhere mounts, as a member of the security group"
  value       = "${var.mgs_address}@tcp:/${var.fsname}"
}

output "security_group" {
  value = aws_security_group.members.id
}
