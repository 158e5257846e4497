"""Which of many alike are tried every day; the others with SLOW=1."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

import pytest
from _pytest.mark import ParameterSet


def everyday(values: Iterable[Any], of: Collection[int] = (0,)) -> list[Any]:
    """The values for a test's parameter; those that do not stand at these places are slow.

    A tuple is the values of several parameters, as pytest has it.
    """
    return [value if number in of else _slow(value) for number, value in enumerate(values)]


def _slow(value: object) -> ParameterSet:
    if isinstance(value, ParameterSet):
        return pytest.param(*value.values, marks=[*value.marks, pytest.mark.slow], id=value.id)
    several = value if type(value) is tuple else (value,)
    return pytest.param(*several, marks=pytest.mark.slow)
