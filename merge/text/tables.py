"""Read lists of words from tables beside the module that uses them.

Columns are separated by tabs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib.resources import files


def table_rows(package: str, name: str) -> Iterator[Sequence[str]]:
    """Yield the rows of a .tsv table in a package, without the headings."""
    text = files(package).joinpath(name).read_text(encoding="utf-8")
    return (line.split("\t") for line in text.splitlines()[1:])


def listed_words(cell: str) -> list[str]:
    """Return the words of a cell, which are separated by semicolons."""
    return cell.split("; ")
