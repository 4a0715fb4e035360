#!/bin/bash
yum install -y lustre-client
mount -t lustre 10.0.0.10@tcp:/lustrewt /mnt
