"""Play days of the office: `python -m tests.office --days 500`; `--seed 7 --shrink` shows one."""

from __future__ import annotations

import argparse
import sys
import time
from collections import defaultdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from office.days import Play, Told
from office.program import Program


def main() -> int:
    """Play the days that the options name; 1 where a promise was broken."""
    options = argparse.ArgumentParser(prog="python -m tests.office", description=__doc__)
    options.add_argument("--days", type=int, default=60, help="how many days")
    options.add_argument("--first", type=int, default=0, help="the number of the first day")
    options.add_argument("--seed", type=int, help="this day only, and tell it")
    options.add_argument("--only", help="of that day only these steps: 0,3,7")
    options.add_argument("--shrink", action="store_true", help="find the few steps that it takes")
    options.add_argument("--in", dest="base", type=Path, help="a folder on the disk to be used")
    options.add_argument("--forgive", default="", help="promises that do not count: lost,touched")
    chosen = options.parse_args()
    days = (
        [chosen.seed]
        if chosen.seed is not None
        else range(chosen.first, chosen.first + chosen.days)
    )
    only = (
        [int(step) for step in chosen.only.split(",") if step] if chosen.only is not None else None
    )
    broken: dict[str, list[int]] = defaultdict(list)
    runs = acts = 0
    began = time.monotonic()
    with Program() as program:
        play = Play(program, chosen.base, frozenset(chosen.forgive.split(",")))
        for number in days:
            told = play.day(number, only)
            runs, acts = runs + told.runs, acts + told.acts
            if told.promise:
                broken[told.promise].append(number)
                if chosen.shrink:
                    steps, told = play.shrunk(told)
                    print(f"\nday {number}, steps {','.join(map(str, steps))}")
                _tell(told, log=chosen.shrink or chosen.seed is not None)
            elif chosen.seed is not None:
                _tell(told, log=True)
    print(
        f"{len(days)} days, {acts} acts of staff, {runs} commands, {time.monotonic() - began:.0f} s"
    )
    for promise, seeds in sorted(broken.items()):
        print(f"{promise}: {len(seeds)} days: {' '.join(map(str, seeds))}")
    return bool(broken)


def _tell(told: Told, *, log: bool) -> None:
    if log:
        print(*told.log, sep="\n")
    print(f"day {told.number}: {told.what[:1500] or 'nothing broken'}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
