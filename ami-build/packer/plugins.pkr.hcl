# SPDX-License-Identifier: Apache-2.0
# A file of its own: Packer before 1.7 does not know this block, and has the builder inside.
packer {
  required_version = ">= 1.7.0"
  required_plugins {
    amazon = {
      source  = "github.com/hashicorp/amazon"
      version = ">= 1.2.0"
    }
  }
}
