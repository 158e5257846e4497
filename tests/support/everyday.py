"""Which of many alike are tried every day; the others with SLOW=1."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

import pytest


def everyday(values: Iterable[Any], of: Collection[int] = (0,)) -> list[Any]:
    """The values for a test's parameter; those that do not stand at these places are slow."""
    return [
        value if number in of else pytest.param(value, marks=pytest.mark.slow)
        for number, value in enumerate(values)
    ]
