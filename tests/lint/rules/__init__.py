# SPDX-License-Identifier: Apache-2.0
"""Every rule, the quick ones first."""

from . import c_tools, doors, floors, guards, layers, package, scripts, sizes, tables, words

ALL = [
    *layers.RULES,
    *doors.RULES,
    *floors.RULES,
    *guards.RULES,
    *sizes.RULES,
    *words.RULES,
    *scripts.RULES,
    *package.RULES,
    *tables.RULES,
    *c_tools.RULES,
]
