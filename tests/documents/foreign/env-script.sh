#!/usr/bin/env bash
lustre-init plan
