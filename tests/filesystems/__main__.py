"""The suites of disk, state, register and campaign on each disk.

`python -m tests.filesystems` runs them on all disks, `… exfat ntfs` on two of them, and
`… -- tests/state -k link` other tests. The table shows what was mounted, and by what.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from filesystems.disks import DISKS, SUITES, opened_disk, run_suites


def main(words: list[str]) -> int:
    """Print a table of the disks and what the suites found on them."""
    end = words.index("--") if "--" in words else len(words)
    names, tests = words[:end] or list(DISKS), words[end + 1 :] or list(SUITES)
    failures = []
    print(f"{'disk':24}{'driver':10}{'passed':>8}{'left out':>10}{'failed':>8}{'seconds':>9}")
    for name in names:
        begin = time.monotonic()
        with opened_disk(name) as disk:
            run = run_suites(disk, tests, "-rs")
        counts = f"{run.count('passed'):8}{run.count('skipped'):10}{run.count('failed'):8}"
        print(f"{name:24}{disk.driver:10}{counts}{time.monotonic() - begin:9.0f}", flush=True)
        if not run.is_passed:
            failures.append(f"\n{name}, {disk.driver}:\n{run.output}")
    print(*failures, sep="\n")
    return bool(failures)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
