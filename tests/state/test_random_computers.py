"""Random days of two and three computers: no mark, version or deletion is lost."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.everyday import SOAK
from support.random_computers import World, live


@pytest.mark.soak
@pytest.mark.parametrize("part", range(10))
@pytest.mark.parametrize("computers", [2, 3])
def test_acceptance_1_random_computers_lose_nothing_and_agree_in_the_end(
    part: int, computers: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fifty interleavings every day, two thousand in a soak."""
    tries = 100 * SOAK or 3 - part % 2
    for seed in range(part * tries, (part + 1) * tries):
        world = World(seed, tmp_path / str(seed), computers, monkeypatch)
        faults = live(world, steps=60 if SOAK else 40)
        assert not faults, (seed, *faults[:4])
