"""The built package: its size, and the time from its icon to the browser.

`make bench ARGS=package` prints each figure with its limit, after `make package`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from program import BoundedFigure

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "packaging"))

from smoke_test import (
    MOST_BYTES,
    MOST_SECONDS,
    Computer,
    package_bytes,
    programs,
    start_seconds,
)


def measure(root: Path) -> Iterator[BoundedFigure]:
    """Yield the figures of the package that was built last."""
    if not programs()[0].exists():
        raise SystemExit("There is no package yet. Run make package first.")
    yield BoundedFigure("size of the package", package_bytes() / 1e6, MOST_BYTES / 1e6, "MB")
    seconds = start_seconds(Computer(root))
    yield BoundedFigure("from the icon to the browser, warm", seconds, MOST_SECONDS)
