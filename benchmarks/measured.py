"""`python measured.py COMMAND …`: prints seconds and peak memory as JSON.

It is a program of its own because a child's peak counts from the memory of its parent. This one is
small, the benchmark is not.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from time import perf_counter

_UNIT = 1 if sys.platform == "darwin" else 1024
"""Unit of `ru_maxrss`: bytes on macOS, KiB elsewhere (getrusage(2))."""


def main() -> None:
    """Run the command of the arguments; drop its output, but not its errors."""
    start = perf_counter()
    process = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = perf_counter() - start
    code = os.waitstatus_to_exitcode(status)
    cpu = usage.ru_utime + usage.ru_stime
    measured = {"code": code, "seconds": seconds, "cpu": cpu, "peak": usage.ru_maxrss * _UNIT}
    print(json.dumps(measured))


if __name__ == "__main__":
    main()
