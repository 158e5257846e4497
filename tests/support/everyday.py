"""How much is tried: every day, with SLOW=1 as `.ci/run` does, and in a `make soak`.

Of many alike the first is tried every day and the others with SLOW=1. What is tried at random has
no end: `make soak` (SOAK=1) tries many of it, and SOAK=3 three times as many. This is the only
place that asks for SOAK. What it enlarges is marked `soak`, or `hypothesis` by that itself.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable
from typing import Any

import pytest
from _pytest.mark import ParameterSet

SOAK = int(os.environ.get("SOAK") or 0)


def everyday(values: Iterable[Any], of: Collection[int] = (0,)) -> list[Any]:
    """The values for a test's parameter; those that do not stand at these places are slow.

    A tuple is the values of several parameters, as pytest has it.
    """
    return [value if number in of else _slow(value) for number, value in enumerate(values)]


def tries(slow: int, soak: int) -> int:
    """How often something is tried at random: so many times with SLOW=1, so many in a soak.

    The test is marked `soak`.
    """
    return soak * SOAK if SOAK else slow


def instants(most: int) -> range:
    """The instants of a command at which it is killed: every fourth, in a soak each.

    The test is marked `soak`.
    """
    return range(0, most, 1 if SOAK else 4)


def seeds(slow: int, soak: int, *, daily: int = 0) -> list[Any]:
    """The seeds for a test's parameter: so many every day, with SLOW=1 and in a soak.

    The test is marked `soak`.
    """
    return everyday(range(tries(slow, soak)), of=range(daily))


def _slow(value: object) -> ParameterSet:
    if isinstance(value, ParameterSet):
        return pytest.param(*value.values, marks=[*value.marks, pytest.mark.slow], id=value.id)
    several = value if type(value) is tuple else (value,)
    return pytest.param(*several, marks=pytest.mark.slow)
