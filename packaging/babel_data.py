"""Babel's language data without the parts that the program does not use."""

from __future__ import annotations

import pickle
from pathlib import Path

import babel

UNUSED_PARTS = {
    "compact_currency_formats",
    "compound_unit_patterns",
    "currency_names",
    "currency_names_plural",
    "unit_display_names",
    "unit_patterns",
}
"""Units and money, a third of the data: no filter formats them."""


def write_used_data(folder: Path) -> Path:
    """Write the data of every language to a folder, without the unused parts."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in Path(babel.__file__).parent.glob("locale-data/*.dat"):
        data = pickle.loads(path.read_bytes())  # noqa: S301 - of Babel
        used = {key: value for key, value in data.items() if key not in UNUSED_PARTS}
        (folder / path.name).write_bytes(pickle.dumps(used, 2))
    return folder
