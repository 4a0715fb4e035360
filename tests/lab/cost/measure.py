# SPDX-License-Identifier: Apache-2.0
"""Run in a node: a command's wall time, CPU time and peak memory, as JSON."""

import json
import os
import sys
import time

began = time.monotonic()
pid = os.posix_spawn(
    sys.argv[1],
    sys.argv[1:],
    os.environ,
    file_actions=[(os.POSIX_SPAWN_OPEN, 1, "/dev/null", os.O_WRONLY, 0)],
)
_, status, usage = os.wait4(pid, 0)
print(
    json.dumps(
        {
            "status": os.waitstatus_to_exitcode(status),
            "wall": time.monotonic() - began,
            "cpu": usage.ru_utime + usage.ru_stime,
            "peak": usage.ru_maxrss * 1024,
        }
    )
)
