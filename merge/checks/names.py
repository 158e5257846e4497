"""Names that no column makes, with the one that was probably meant."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from merge.model import Place, Problem
from merge.template.grammar import Name
from merge.template.tags import Tag

FREE = ("date", "language")
"""Names that belong to no sheet."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What a workbook offers to tags: for each root its fields, and the sheet they stand in."""

    fields: Mapping[str, frozenset[str]]
    sheets: Mapping[str, str]

    def has(self, name: Name) -> bool:
        """Whether a tag may use the name."""
        if name.root in FREE:
            return not name.field
        return name.field in self.fields.get(name.root, ())

    def nearest(self, name: Name) -> str:
        """The name that was probably meant, or two of them; empty where none is near.

        The same field of another sheet comes before a field alike in the same sheet.
        """
        both = [f"{root}.{name.root}" for root in self.fields if name.root in self.fields[root]]
        if not name.field and len(both) > 1:
            return " or ".join(both)
        field = name.field or name.root
        roots = get_close_matches(name.root, self.fields, 1, 0.6)
        longer = (f for f in sorted(self.fields.get(name.root, ())) if f.startswith(f"{field}_"))
        candidates = [
            *(f"{name.root}.{one}" for one in longer),
            *(f"{root}.{field}" for root in roots if field in self.fields[root]),
            *(f"{root}.{field}" for root in self.fields if field in self.fields[root]),
            *(f"{root}.{near}" for root in roots for near in self._alike(root, field, 0.6)),
            *(f"{root}.{near}" for root in self.fields for near in self._alike(root, field, 0.75)),
        ]
        return next(iter(candidates), "")

    def _alike(self, root: str, field: str, cutoff: float) -> list[str]:
        return get_close_matches(field, sorted(self.fields[root]), 1, cutoff)


def unknown_names(uses: Iterable[tuple[Name, Tag]], offer: Offer) -> Iterator[Problem]:
    """A problem for each name that no column makes, in each paragraph that uses it."""
    for name, tag in dict.fromkeys(uses):
        if not offer.has(name):
            yield unknown_name(name, tag.place, f"{tag.written}: ", offer)


def unknown_name(name: Name, place: Place, before: str, offer: Offer) -> Problem:
    """The problem that a name is unknown."""
    sheet = offer.sheets.get(name.root, "")
    if sheet and name.field:
        what = f'{before}the sheet {sheet} has no column for "{name.field}".'
    else:
        what = f'{before}nothing is named "{name}".'
    near = offer.nearest(name)
    hint = f"Did you mean {near}?" if near else 'See all names with "merge tags".'
    return Problem("name-unknown", place, what, hint)
