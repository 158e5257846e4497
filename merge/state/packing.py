"""Packing of a run: what is superseded takes less space."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet

from merge.state.entries import EarlierVersions, Entry, ErasedEntry, LetterEntry, Version
from merge.state.entry_lines import to_line

_MOST_VERSIONS, _LONGEST_GAP = 1_000, 20
"""Most entries in the place of which one is; most of them that are kept."""


def packed_lines(
    run: str, entries: Iterable[Entry], superseded: AbstractSet[tuple[str, int]]
) -> Iterator[bytes]:
    """Yield the lines of a run.

    Superseded letters become earlier versions, many to a line. Other superseded entries are
    removed. Each entry keeps its number.
    """
    first, versions = 0, list[Version | None]()
    for entry in entries:
        number, content = entry.number, entry.content
        is_superseded = (run, number) in superseded
        if is_superseded and isinstance(content, LetterEntry):
            gap = number - first - len(versions)
            if versions and (gap > _LONGEST_GAP or len(versions) + gap >= _MOST_VERSIONS):
                yield to_line(run, first, EarlierVersions(tuple(versions)))
                versions = []
            first, gap = (first, gap) if versions else (number, 0)
            versions += [*[None] * gap, Version(content.id, content.output)]
        else:
            yield to_line(run, number, ErasedEntry()) if is_superseded else entry.line
    if versions:
        yield to_line(run, first, EarlierVersions(tuple(versions)))
