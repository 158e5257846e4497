"""The number of cases: every day, with SLOW=1, and in `make soak`.

1. Of many similar cases the first runs every day, and the others with SLOW=1.
2. `.ci/run` sets SLOW=1.
3. Random cases have no end: `make soak` (SOAK=1) runs many, SOAK=3 three times as many.
4. Only this module reads SOAK. Tests that it enlarges are marked `soak`; Hypothesis marks its own
   `hypothesis`.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable
from typing import Any

import pytest
from _pytest.mark import ParameterSet

SOAK = int(os.environ.get("SOAK") or 0)


def everyday(values: Iterable[Any], daily: Collection[int] = (0,)) -> list[Any]:
    """Return values for a test's parameter; those at other positions are slow.

    A tuple holds the values of several parameters, as in pytest.
    """
    return [value if number in daily else _slow(value) for number, value in enumerate(values)]


def tries(slow: int, soak: int) -> int:
    """Return the number of random attempts with SLOW=1 or in a soak.

    The test must be marked `soak`.
    """
    return soak * SOAK if SOAK else slow


def instants(most: int) -> range:
    """Return the instants to kill a command at: every fourth, in a soak all.

    The test must be marked `soak`.
    """
    return range(0, most, 1 if SOAK else 4)


def seeds(slow: int, soak: int, *, daily: int = 0) -> list[Any]:
    """Return seeds for a parameter: every day, with SLOW=1, in a soak.

    The test must be marked `soak`.
    """
    return everyday(range(tries(slow, soak)), daily=range(daily))


def _slow(value: object) -> ParameterSet:
    if isinstance(value, ParameterSet):
        return pytest.param(*value.values, marks=[*value.marks, pytest.mark.slow], id=value.id)
    several = value if type(value) is tuple else (value,)
    return pytest.param(*several, marks=pytest.mark.slow)
