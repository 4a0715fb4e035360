#!/bin/bash
yum -y install htop
