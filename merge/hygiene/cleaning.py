"""All of the cleaning: a template's package and parsed parts in, what letters are made of out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from merge.hygiene.elements import strip
from merge.hygiene.fields import unwrap_fields
from merge.hygiene.properties import CORE, CUSTOM, declare, property_parts
from merge.hygiene.relations import Kept, follow, relations_of
from merge.model import Place, Problem
from merge.package import Package
from merge.tags import Element, parse_xml, serialized

_TYPES = "[Content_Types].xml"


@dataclass(frozen=True, slots=True)
class Cleaned:
    """The package without what letters must not carry, and its XML parts, parsed.

    `problems` is a warning that says what a reader of the template might miss.
    """

    package: Package
    parts: Mapping[str, Element]
    problems: tuple[Problem, ...]


def clean(package: Package, parts: Mapping[str, Element]) -> Cleaned:
    """Take everything out that a letter must not carry. `parts` are changed.

    A part of which nothing goes keeps its bytes.
    """
    kept = follow(parts, frozenset(m.name for m in package.members))
    changed = {relations_of(part) for part in kept.dropped}
    for name in kept.parts & parts.keys():
        gone = kept.dropped.get(name, set())
        if strip(parts[name], gone) | unwrap_fields(parts[name], kept.told):
            changed.add(name)
    own = property_parts(parts.get(CORE))
    declare(parts[relations_of("")], parts[_TYPES])
    _forget(parts[_TYPES], kept.parts | own.keys())
    written = {n: serialized(parts[n]) for n in changed | {_TYPES, relations_of("")} if n in parts}
    lean = package.without({m.name for m in package.members} - kept.parts)
    whole = lean.replaced({**written, **own})
    return Cleaned(whole, _parsed(parts, kept, own), _told(package.file, kept))


def _parsed(
    parts: Mapping[str, Element], kept: Kept, own: Mapping[str, bytes]
) -> dict[str, Element]:
    found = {name: root for name, root in parts.items() if name in kept.parts - {CORE, CUSTOM}}
    made = {name: parse_xml(data) for name, data in own.items()}
    return {**found, **{name: root for name, root in made.items() if root is not None}}


def _forget(types: Element, kept: set[str]) -> None:
    """Take the types of parts that are gone out of the list of types, and doubled ones."""
    seen: set[str] = set()
    for override in list(types):
        name = str(override.get("PartName", "")).lstrip("/")
        if name and (name not in kept or name in seen):
            types.remove(override)
        seen.add(name)


def _told(file: str, kept: Kept) -> tuple[Problem, ...]:
    found = [
        f"{what} ({count})" if count > 1 else what for what, count in kept.told.items() if count
    ]
    if not found:
        return ()
    what = f"left out of the letters: {', '.join(sorted(found))}."
    hint = "Nothing needs to be done, unless the letters need it."
    return (Problem("template-cleaned", Place(file), what, hint, "warning"),)
