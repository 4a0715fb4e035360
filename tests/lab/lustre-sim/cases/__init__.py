# SPDX-License-Identifier: Apache-2.0
"""The cases of selftest.py, by concern."""
