"""Random days of two people: nothing is lost, nothing false reported."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.everyday import seeds
from support.printed_campaigns import no_libreoffice
from together.day_invariants import INVARIANTS, DayEnd
from together.random_days import RandomDay

__all__ = ["no_libreoffice"]


@pytest.mark.soak
@pytest.mark.usefixtures("no_libreoffice")
@pytest.mark.posix("time zones by time.tzset")
@pytest.mark.parametrize("seed", seeds(20, 200, daily=1))
def test_a_random_day_of_two_people_loses_nothing_and_reports_nothing_false(
    seed: int, tmp_path: Path
) -> None:
    day = RandomDay.start(tmp_path, seed)
    day.live()
    end = DayEnd(day)
    broken = {f.__name__: found for f in INVARIANTS if (found := [*f(end)])}
    assert not broken, "\n".join((*day.acts, str(broken)))
