"""Random days of two people: `python -m tests.together --days 200`.

It counts the days that break each rule. `--seed 7` prints one day.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from together.day_invariants import COUNTED, INVARIANTS, DayEnd
from together.random_days import RandomDay


def main() -> int:
    """Run the days that the options name; return 1 if a rule was broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.together", description=__doc__)
    parser.add_argument("--days", type=int, default=40, help="how many days")
    parser.add_argument("--seed", type=int, help="only this day, and print what happened")
    options = parser.parse_args()
    os.environ["PATH"] = ""  # no LibreOffice
    seeds = range(options.days) if options.seed is None else [options.seed]
    broken = {seed: _broken_rules(seed, is_printed=options.seed is not None) for seed in seeds}
    for rule in (*INVARIANTS, *COUNTED):
        days = [seed for seed in seeds if broken[seed][rule.__name__]]
        count = sum(len(broken[seed][rule.__name__]) for seed in days)
        print(f"{rule.__name__:50} {count:4} in {len(days):3} days", *days[:9])
    return int(any(broken[seed][rule.__name__] for seed in seeds for rule in INVARIANTS))


def _broken_rules(seed: int, *, is_printed: bool) -> dict[str, list[str]]:
    """Run a day; return what breaks each rule, by the rule's name."""
    with tempfile.TemporaryDirectory(prefix=f"day-{seed}-") as folder:
        day = RandomDay.start(Path(folder), seed)
        day.live()
        end = DayEnd(day)
        broken = {f.__name__: [*f(end)] for f in (*INVARIANTS, *COUNTED)}
    if is_printed:
        found = (f"{rule}: {line}" for rule, lines in broken.items() for line in lines)
        print(*day.acts, *found, sep="\n")
    return broken


if __name__ == "__main__":
    sys.exit(main())
