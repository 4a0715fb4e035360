# SPDX-License-Identifier: Apache-2.0
# What is asked of an image. What is installed from where stands in the settings, which ami-build/provision reads itself.

variable "kind" {
  type        = string
  description = "What the image shall be: server or client."
  validation {
    condition     = contains(["server", "client"], var.kind)
    error_message = "The kind is server or client."
  }
}

variable "ssh_from" {
  type        = list(string)
  description = "From where the instance that builds lets Packer log in: [\"203.0.113.7/32\"], the address that EC2 sees of this machine."
  # Packer takes an empty list for the whole Internet.
  validation {
    condition     = length(var.ssh_from) > 0
    error_message = "The list ssh_from names at least one network."
  }
}

variable "region" {
  type = string
}

variable "source_ami" {
  type        = string
  description = "The stock image: for servers EL 8.10 or EL 9, see ami-build/README.md."
}

variable "ssh_username" {
  type        = string
  description = "Who logs in to the stock image: rocky, ec2-user, ubuntu."
}

variable "settings" {
  type        = string
  description = "The config file of ami-build/provision."
}

variable "agent" {
  type        = string
  description = "The package of lustre-init, .rpm or .deb."
  validation {
    condition     = contains(["rpm", "deb"], reverse(split(".", var.agent))[0])
    error_message = "The agent is a package, .rpm or .deb."
  }
}

variable "site" {
  type        = string
  default     = ""
  description = "The document for every instance of the image, where the settings name one (site)."
}

variable "repo_key" {
  type        = string
  default     = ""
  description = "The key of Lustre's packages, where the settings name a file of it (repo-key)."
}

variable "kernel_repo_key" {
  type        = string
  default     = ""
  description = "The key of the kernels, where the settings name a file of it (kernel-repo-key)."
}

variable "agent_version" {
  type = string
}

variable "lustre_version" {
  type        = string
  description = "The release of Lustre, as 2.16.1: what is installed is held to it."
}

variable "subnet_id" {
  type    = string
  default = null
}

variable "kms_key_id" {
  type        = string
  default     = null
  description = "The key of the image's snapshot; without it, the account's own for EBS."
}

variable "instance_type" {
  type    = string
  default = "m6i.large"
}

variable "root_device" {
  type        = string
  default     = "/dev/sda1"
  description = "What the stock image calls its root: /dev/sda1 (EL, Ubuntu), /dev/xvda (Amazon Linux 2023). By another name it is a second disk."
}

variable "root_gib" {
  type    = number
  default = 16
}

locals {
  made    = formatdate("YYYYMMDD-hhmmss", timestamp())
  name    = "lustre-${var.kind} ${var.lustre_version}"
  scratch = "/var/tmp/lustre-init-ami"
  # Files of this machine: each is uploaded under a name of ours, whatever it is called here, and wins over the settings.
  # Packer does not upload nothing: what is not named is a copy of the settings there, which nobody reads.
  package = "lustre-init.${reverse(split(".", var.agent))[0]}"
  files = {
    agent = var.agent, site = var.site, repo-key = var.repo_key, kernel-repo-key = var.kernel_repo_key
  }
  named = join(" ", [for option, file in local.files : "--${option} ${option == "agent" ? local.package : option}" if file != ""])
  asked = "--kind ${var.kind} --lustre-version '${var.lustre_version}'"
}
