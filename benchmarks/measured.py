"""`python measured.py COMMAND …`: runs it, prints its seconds, cpu's too, and peak memory as JSON.

A program of its own because a child's peak counts from the memory of the process that started
it: this one is small, the benchmark is not.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from time import perf_counter

_UNIT = 1 if sys.platform == "darwin" else 1024
"""What `ru_maxrss` counts in: bytes on macOS, KiB elsewhere (getrusage(2))."""


def main() -> None:
    """Run the command given as arguments; its own output goes to nowhere, errors pass."""
    start = perf_counter()
    process = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = perf_counter() - start
    code = os.waitstatus_to_exitcode(status)
    cpu = usage.ru_utime + usage.ru_stime
    found = {"code": code, "seconds": seconds, "cpu": cpu, "peak": usage.ru_maxrss * _UNIT}
    print(json.dumps(found))


if __name__ == "__main__":
    main()
