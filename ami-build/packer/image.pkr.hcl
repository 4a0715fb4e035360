# SPDX-License-Identifier: Apache-2.0
# The AMI of Lustre servers or of clients: packer init . && packer build -var-file=site.pkrvars.hcl .

source "amazon-ebs" "lustre" {
  region        = var.region
  source_ami    = var.source_ami
  instance_type = var.instance_type
  subnet_id     = var.subnet_id
  ssh_username  = var.ssh_username
  # For the time of the build; by itself, Packer lets the whole Internet in.
  temporary_security_group_source_cidrs = var.ssh_from

  ami_name        = "lustre-${var.kind}-${var.lustre_version}-${local.made}"
  ami_description = "Lustre ${var.lustre_version} ${var.kind}, lustre-init ${var.agent_version}"

  # No IMDSv1, neither while it is built nor on instances of it.
  imds_support = "v2.0"
  metadata_options {
    http_endpoint               = "enabled"
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
  }

  encrypt_boot = true
  kms_key_id   = var.kms_key_id
  launch_block_device_mappings {
    device_name           = var.root_device
    volume_type           = "gp3"
    volume_size           = var.root_gib
    encrypted             = true
    delete_on_termination = true
  }

  run_tags = {
    Name = "building ${local.name}"
  }
  tags = {
    Name          = local.name
    "lustre:kind" = var.kind
    Lustre        = var.lustre_version
    lustre-init   = var.agent_version
    Source        = "{{ .SourceAMI }}"
  }
  snapshot_tags = {
    Name = local.name
  }
}

build {
  sources = ["source.amazon-ebs.lustre"]

  provisioner "shell" {
    inline = ["mkdir -p ${local.scratch}"]
  }
  provisioner "file" {
    sources     = ["${path.root}/../provision", "${path.root}/../verify", "${path.root}/../lib"]
    destination = "${local.scratch}/"
  }
  provisioner "file" {
    source      = var.settings
    destination = "${local.scratch}/settings"
  }
  provisioner "file" {
    source      = var.agent
    destination = "${local.scratch}/${local.package}"
  }
  provisioner "file" {
    source      = coalesce(var.site, var.settings)
    destination = "${local.scratch}/site"
  }
  provisioner "file" {
    source      = coalesce(var.repo_key, var.settings)
    destination = "${local.scratch}/repo-key"
  }
  provisioner "file" {
    source      = coalesce(var.kernel_repo_key, var.settings)
    destination = "${local.scratch}/kernel-repo-key"
  }

  # One step, the last: it takes away the key by which Packer logged in. cloud-init lets one log in before it is done with
  # the lists of packages, and writes of the instance until it is.
  provisioner "shell" {
    inline = [
      "set -eu",
      "sudo cloud-init status --wait || true",
      "cd ${local.scratch}",
      "sudo bash provision --config settings ${local.asked} ${local.named}",
      "sudo bash verify --config settings ${local.asked}",
      "cd /",
      "rm -rf ${local.scratch}",
    ]
  }
}
