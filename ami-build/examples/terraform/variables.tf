# SPDX-License-Identifier: Apache-2.0

variable "vpc_id" {
  type = string
}

variable "subnet_id" {
  description = "One subnet for all nodes, with IPv4: the index of an OST comes of its address there."
  type        = string
}

variable "server_ami" {
  description = "Lustre servers and lustre-init"
  type        = string
}

variable "client_ami" {
  description = "A Lustre client and lustre-init"
  type        = string
}

variable "fsname" {
  type    = string
  default = "lustrewt"

  validation {
    condition     = can(regex("^[A-Za-z0-9_][A-Za-z0-9_-]{0,7}$", var.fsname))
    error_message = "It is 1 to 8 of A-Z, a-z, 0-9, _ and -, and does not begin with -."
  }
}

variable "mgs_address" {
  description = "An address of the subnet that nobody has, for the MGS"
  type        = string
}

variable "mds_type" {
  type    = string
  default = "i4i.2xlarge"
}

variable "oss_type" {
  type    = string
  default = "i4i.4xlarge"
}

variable "oss_count" {
  type    = number
  default = 8
}

variable "client_type" {
  type    = string
  default = "c6i.4xlarge"
}

variable "client_count" {
  type    = number
  default = 4
}

variable "client_on_demand_percentage" {
  description = "The rest of the clients is on spot capacity."
  type        = number
  default     = 100
}

variable "key_name" {
  description = "A key pair, to log in to the nodes by SSH"
  type        = string
  default     = null
}

variable "instance_profile" {
  description = "An instance profile for all nodes, as Session Manager needs one"
  type        = string
  default     = null
}

variable "more_security_groups" {
  description = "Further security groups of all nodes, as one that lets SSH in"
  type        = list(string)
  default     = []
}

variable "protect_mds" {
  description = "Whether EC2 refuses to stop and to terminate the MDS, which holds the file system"
  type        = bool
  default     = true
}
