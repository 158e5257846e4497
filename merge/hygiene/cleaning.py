"""All of the cleaning: a template's package and parsed parts in, what letters are made of out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from merge.hygiene.elements import strip, used_links
from merge.hygiene.fields import unwrap_fields
from merge.hygiene.properties import CORE, CUSTOM, declare, property_parts
from merge.hygiene.relations import CONTENT_TYPES, Kept, follow, forget_unused_links, relations_of
from merge.model import Place, Problem, TemplateError
from merge.ooxml.package import Package
from merge.ooxml.wordml import Element, parse_xml, serialized


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
    if CONTENT_TYPES not in parts or relations_of("") not in parts:
        raise _odd(package.file, "its lists of parts are not named as Word does it")
    _check_shape(package.file, parts)
    kept = follow(parts, frozenset(m.name for m in package.members))
    if kept.odd:
        raise _odd(package.file, f"its part {kept.odd[0]} is not named as Word does it")
    if kept.main not in parts or kept.main not in kept.parts or kept.main.isupper():
        raise _odd(package.file, "its text is not where Word puts it")
    changed = {relations_of(part) for part in kept.dropped}
    for name in kept.parts & parts.keys():
        gone, links = kept.dropped.get(name, set()), kept.links.get(name, set())
        if strip(parts[name], gone, links, kept.told) | unwrap_fields(parts[name], kept.told):
            changed.add(name)
        unused = links - used_links(parts[name])
        if unused and forget_unused_links(parts[relations_of(name)], unused):
            changed.add(relations_of(name))
    own = property_parts(_core(package, kept))
    declare(parts[relations_of("")], parts[CONTENT_TYPES])
    _forget(parts[CONTENT_TYPES], kept.parts | own.keys())
    written = {
        n: serialized(parts[n]) for n in changed | {CONTENT_TYPES, relations_of("")} if n in parts
    }
    lean = package.without({m.name for m in package.members} - kept.parts)
    whole = lean.replaced({**written, **own})
    return Cleaned(whole, _parsed(parts, kept, own), _told(package.file, kept))


def _odd(file: str, what: str) -> TemplateError:
    hint = "Ask who sent it. Open it in Word and save it as a Word document (.docx)."
    return TemplateError(Problem("template-odd", Place(file), f"{what}; it may be harmful.", hint))


def _check_shape(file: str, parts: Mapping[str, Element]) -> None:
    """Refuse lists of types and relationships that Word could not read, or would read otherwise."""
    for name, root in parts.items():
        if name == CONTENT_TYPES:
            wanted = {"Types": (), "Default": ("Extension",), "Override": ("PartName",)}
        elif name.endswith(".rels"):
            wanted = {"Relationships": (), "Relationship": ("Id", "Type", "Target")}
        else:
            continue
        whole = str(root.tag).endswith(f"}}{next(iter(wanted))}")
        whole = whole and all(len(child) == 0 for child in root.iterchildren("*"))
        for element in root.iter("*"):
            space, _, local = str(element.tag).rpartition("}")
            whole = whole and space.startswith("{http://schemas.openxmlformats.org/package/2006/")
            whole = whole and all(element.get(a) for a in wanted.get(local, ("?",)))
        if not whole:
            raise _odd(file, f"its part {name} is not as Word writes it")


def _core(package: Package, kept: Kept) -> Element | None:
    """The document properties, in whatever part they lie."""
    return parse_xml(package.read(kept.core)) if kept.core else None


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
        f"{what} ({count})" if count > 1 else what
        for what, count in kept.told.items()
        if what and count
    ]
    if not found:
        return ()
    what = f"left out of the letters: {', '.join(sorted(found))}."
    hint = "Nothing needs to be done, unless the letters need it."
    return (Problem("template-cleaned", Place(file), what, hint, "warning"),)
