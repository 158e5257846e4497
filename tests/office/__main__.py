"""Random office days: `python -m tests.office --days 500`.

`--seed 7 --shrink` finds the few steps of a day that break a promise.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import defaultdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from office.days import DayReport, DayRunner
from office.program import Program


def main() -> int:
    """Run the days that the options name; return 1 if a promise was broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.office", description=__doc__)
    parser.add_argument("--days", type=int, default=60, help="how many days")
    parser.add_argument("--first", type=int, default=0, help="the number of the first day")
    parser.add_argument("--seed", type=int, help="run only this day, and print its steps")
    parser.add_argument("--only", help="only these steps of that day: 0,3,7")
    parser.add_argument(
        "--shrink", action="store_true", help="find the few steps that break the promise"
    )
    parser.add_argument("--in", dest="base", type=Path, help="a folder on the disk to use")
    parser.add_argument("--forgive", default="", help="promises that do not count: lost,touched")
    options = parser.parse_args()
    days = (
        [options.seed]
        if options.seed is not None
        else range(options.first, options.first + options.days)
    )
    only = (
        [int(step) for step in options.only.split(",") if step]
        if options.only is not None
        else None
    )
    broken: dict[str, list[int]] = defaultdict(list)
    commands = acts = 0
    start = time.monotonic()
    with Program() as program:
        runner = DayRunner(program, options.base, frozenset(options.forgive.split(",")))
        for number in days:
            report = runner.day(number, only)
            commands, acts = commands + report.runs, acts + report.acts
            if report.promise:
                broken[report.promise].append(number)
                if options.shrink:
                    steps, report = runner.shrink(report)
                    print(f"\nday {number}, steps {','.join(map(str, steps))}")
                _print_report(report, log=options.shrink or options.seed is not None)
            elif options.seed is not None:
                _print_report(report, log=True)
    print(
        f"{len(days)} days, {acts} acts of staff, {commands} commands,"
        f" {time.monotonic() - start:.0f} s"
    )
    for promise, seeds in sorted(broken.items()):
        print(f"{promise}: {len(seeds)} days: {' '.join(map(str, seeds))}")
    return bool(broken)


def _print_report(report: DayReport, *, log: bool) -> None:
    if log:
        print(*report.log, sep="\n")
    print(f"day {report.number}: {report.what[:1500] or 'nothing broken'}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
