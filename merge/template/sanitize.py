"""Remove from a template what a letter must not carry.

A letter carries what the user wrote and nothing else: no author, company, template path, deleted
text, comments or macros. What may stay is listed, not what must go: what nobody foresaw goes.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count

from merge import messages
from merge.errors import TemplateError
from merge.ooxml import PACKAGE
from merge.ooxml.package import Package
from merge.ooxml.pictures import PictureError, without_metadata
from merge.ooxml.relationships import (
    CONTENT_TYPES,
    CORE_PART,
    read_relationship,
    relationships_part,
)
from merge.ooxml.stamps import CUSTOM_PART, declare_properties, property_parts
from merge.ooxml.wordml import (
    FALLBACK,
    OBJECT,
    Element,
    R,
    W,
    paragraph_characters,
    paragraph_of,
    parse_xml,
    texts_in,
    xml_bytes,
)
from merge.problems import Place, Problem, shorten
from merge.template.content_controls import BoundData, ControlFiller, find_unfilled_controls
from merge.template.hidden_formats import HiddenFormats
from merge.template.hidden_text import HIDDEN_CONTENT_KINDS as HIDDEN_KINDS
from merge.template.hidden_text import HiddenTextCleaner
from merge.template.kept_parts import KeptParts, find_reachable_parts
from merge.template.links import FieldCleaner
from merge.template.parts import part_label
from merge.template.traces import TraceCleaner, used_relationships
from merge.template.unused_notes import drop_unused_headers, drop_unused_notes


@dataclass(frozen=True, slots=True)
class SanitizedPackage:
    """The package without what letters must not carry, and its XML parts, parsed.

    `problems` are warnings that say what a reader of the template might miss. `prompts` are the
    words of fields to click on, which letters print.
    """

    package: Package
    parts: Mapping[str, Element]
    problems: tuple[Problem, ...]
    prompts: tuple[str, ...] = ()


def sanitize(
    package: Package, parts: Mapping[str, Element], *, keep_hidden: bool = False
) -> SanitizedPackage:
    """Take everything out that a letter must not carry. `parts` are changed.

    `parts` are all XML parts that can be read; hidden text stays if asked. A part of which nothing
    goes keeps its bytes. Raise TemplateError where the package is not laid out as Word does it
    (another program might read other parts of it than were looked at here), where a part that a
    letter needs cannot be read, and where something would be lost that nobody may miss.
    """
    unread = {m.name for m in package.members if _is_xml(m.name)} - parts.keys()
    lists = {CONTENT_TYPES, relationships_part("")}
    if lists & unread:
        raise TemplateError(
            [damaged_part_problem(package.file, name) for name in sorted(lists & unread)]
        )
    if not lists <= parts.keys():
        raise _irregular_package_error(
            package.file, "its lists of parts are not named as Word does it"
        )
    _check_attributes(package.file, parts)
    kept = find_reachable_parts(parts, frozenset(m.name for m in package.members))
    needed = {*kept.parts, *map(relationships_part, kept.parts)} & unread
    if needed:
        raise TemplateError([damaged_part_problem(package.file, name) for name in sorted(needed)])
    _check_shape(package.file, {n: root for n, root in parts.items() if n in kept.parts})
    if kept.misnamed_parts:
        raise _irregular_package_error(
            package.file, f"its part {kept.misnamed_parts[0]} is not named as Word does it"
        )
    if kept.main_part not in parts or kept.main_part not in kept.parts or kept.main_part.isupper():
        raise _irregular_package_error(package.file, "its text is not where Word puts it")
    changed = _clean_parts(package.file, parts, kept, keep_hidden=keep_hidden)
    changed |= _drop_unused(parts, kept)
    pictures = _clean_pictures(package, kept)
    changed |= _rename_media(parts, kept)
    own = property_parts(_core_properties(package, kept))
    declare_properties(parts[relationships_part("")], parts[CONTENT_TYPES])
    there = {kept.new_names.get(name, name) for name in kept.parts}
    _drop_content_types(parts[CONTENT_TYPES], there | own.keys())
    written = {n: xml_bytes(parts[n]) for n in (changed | lists) & kept.parts}
    lean = package.without_parts({m.name for m in package.members} - kept.parts)
    whole = lean.with_parts({**written, **pictures, **own}).with_names(kept.new_names)
    told = (*_removal_warnings(package.file, kept), *_prompt_warnings(package.file, parts, kept))
    prompts = tuple(dict.fromkeys(words for _, words in kept.prompts))
    return SanitizedPackage(whole, _parsed_parts(parts, kept, own), told, prompts)


def _is_xml(name: str) -> bool:
    return name.lower().endswith((".xml", ".rels"))


def damaged_part_problem(file: str, part: str) -> Problem:
    """Return the problem of a part that cannot be read."""
    place = Place(file, part=part_label(part))
    return messages.problem("template-unreadable/part", place)


def _core_properties(package: Package, kept: KeptParts) -> Element | None:
    return parse_xml(package.read(kept.core_part)) if kept.core_part else None


def _clean_parts(
    file: str, parts: Mapping[str, Element], kept: KeptParts, *, keep_hidden: bool
) -> set[str]:
    """Clean the parts that stay, and return those that were changed, their relationships too."""
    changed = {relationships_part(part) for part in kept.removed_ids}
    fields = FieldCleaner(kept.removal_counts, keep_entries=keep_hidden)
    own = {name: parts[name] for name in sorted(kept.parts & parts.keys()) if _is_content(name)}
    formats = HiddenFormats(next((e for e in own.values() if e.tag == W + "styles"), None))
    controls = ControlFiller(BoundData(parts))
    for name, root in own.items():
        _check_inserted_files(file, root)
        filled = controls.fill(root)
        gone, links = kept.removed_ids.get(name, set()), kept.link_ids.get(name, set())
        hidden = HiddenTextCleaner(formats, kept.removal_counts)
        was = filled | (not keep_hidden and hidden.remove_drawings(root))
        was |= TraceCleaner(gone, links, kept.removal_counts).clean(root) | fields.clean(root)
        was |= not keep_hidden and hidden.clean(root)
        if was:
            changed.add(name)
    settings = next((e for e in own.values() if e.tag == W + "settings"), None)
    unused = drop_unused_headers(parts[kept.main_part], settings)
    if unused:
        changed.add(kept.main_part)
        _count_unused_headers(unused, parts, kept)
    kept.prompts, kept.bound_texts = fields.prompts, controls.uncertain_texts
    return changed | drop_unused_notes(own, kept.main_part, kept.removal_counts)


_UNUSED_HEADERS = "unused headers and footers of first or even pages"


def _count_unused_headers(
    references: Sequence[Element], parts: Mapping[str, Element], kept: KeptParts
) -> None:
    """Count what went with the references, each part once, if there were words or pictures."""
    targets = {kept.targets.get((kept.main_part, r.get(R + "id", "")), "") for r in references}
    own = [parts[name] for name in targets if name in parts]
    words = [texts_in(root).strip() for root in own]
    pictures = [next(root.iter(W + "drawing", W + "pict"), None) for root in own]
    said = sum(bool(w) or p is not None for w, p in zip(words, pictures, strict=True))
    kept.removal_counts[_UNUSED_HEADERS] += said


def _is_content(name: str) -> bool:
    return name != CONTENT_TYPES and not name.endswith(".rels")


def _check_inserted_files(file: str, root: Element) -> None:
    """Raise TemplateError where a whole file stands for a text that only Word could show."""
    found = next(root.iter(W + "altChunk"), None)
    if found is not None:
        raise TemplateError(messages.problem("inserted-file", Place(file)))


_USED_BY_ID = {
    *("image", "hyperlink", "header", "footer", "chart", "font", "chartUserShapes"),
    *("diagramData", "diagramLayout", "diagramQuickStyle", "diagramColors"),
}
"""The kinds of relationships that lead nowhere but from an element that names their id."""


def _drop_unused(parts: Mapping[str, Element], kept: KeptParts) -> set[str]:
    """Take out relationships that nothing uses any more, and the parts that nothing leads to.

    Return the parts with relationships of which any went.
    """
    changed, reached, waiting = set(), {CONTENT_TYPES}, [""]
    while waiting:
        part = waiting.pop()
        name = relationships_part(part)
        if name not in kept.parts:
            continue
        reached.add(name)
        used = used_relationships(parts[part]) if part in parts else set()
        for relation in list(parts[name]):
            number, read = read_relationship(relation)
            target = kept.targets.get((part, number), "")
            if read.short_kind in _USED_BY_ID and number not in used:
                parts[name].remove(relation)
                changed.add(name)
            elif target and target not in reached:
                reached.add(target)
                waiting.append(target)
    kept.parts &= reached
    return changed


def _clean_pictures(package: Package, kept: KeptParts) -> dict[str, bytes]:
    """Return the pictures that told more than they show, without that.

    Raise TemplateError where one cannot be read, and so might tell something still.
    """
    found, problems = {}, []
    for name in sorted(kept.pictures & kept.parts):
        data = package.read(name)
        try:
            clean = without_metadata(data)
        except PictureError:
            place, picture = Place(package.file), posixpath.basename(name)
            problems.append(messages.problem("picture-unreadable", place, picture=picture))
        else:
            if clean != data:
                found[name] = clean
    if problems:
        raise TemplateError(problems)
    return found


_MEDIA_NAME = re.compile(r"(?:image|font)\d*")


def _rename_media(parts: Mapping[str, Element], kept: KeptParts) -> set[str]:
    """Give pictures and fonts names that tell nothing; return the relationships that changed."""
    changed, numbers = set(), count(1)
    own = sorted((kept.pictures | kept.fonts) & kept.parts)
    taken = {name.lower() for name in kept.parts}
    for name in own:
        stem, ending = posixpath.splitext(posixpath.basename(name))
        if not _MEDIA_NAME.fullmatch(stem):
            kind = "image" if name in kept.pictures else "font"
            free = (f"{posixpath.dirname(name)}/{kind}{n}{ending.lower()}" for n in numbers)
            kept.new_names[name] = next(f for f in free if f.lower() not in taken)
            taken.add(kept.new_names[name].lower())
    for (part, number), target in kept.targets.items():
        relations = relationships_part(part)
        if target in kept.new_names and relations in kept.parts:
            for relation in parts[relations]:
                if relation.get("Id") == number:
                    folder = posixpath.dirname(f"/{part}")
                    relation.set("Target", posixpath.relpath(f"/{kept.new_names[target]}", folder))
                    changed.add(relations)
    for override in parts[CONTENT_TYPES]:
        name = str(override.get("PartName", "")).lstrip("/")
        if name in kept.new_names:
            override.set("PartName", f"/{kept.new_names[name]}")
    return changed


def _irregular_package_error(file: str, why: str) -> TemplateError:
    return TemplateError(messages.problem("template-odd", Place(file), why=why))


_MAX_ATTRIBUTES = 1_000
"""Of one element. Those of Word have some thirty; libxml2 reads all of them to find one."""


def _check_attributes(file: str, parts: Mapping[str, Element]) -> None:
    """Refuse an element with so many attributes that reading it would take hours."""
    for name, root in parts.items():
        if any(len(element.attrib) > _MAX_ATTRIBUTES for element in root.iter("*")):
            why = f"its part {name} has more than 1,000 attributes on one element"
            raise _irregular_package_error(file, why)


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
            whole = whole and space.startswith(f"{{{PACKAGE}/")
            whole = whole and all(element.get(a) for a in wanted.get(local, ("?",)))
        if not whole:
            raise _irregular_package_error(file, f"its part {name} is not as Word writes it")


def _parsed_parts(
    parts: Mapping[str, Element], kept: KeptParts, own: Mapping[str, bytes]
) -> dict[str, Element]:
    found = {
        name: root for name, root in parts.items() if name in kept.parts - {CORE_PART, CUSTOM_PART}
    }
    made = {name: parse_xml(data) for name, data in own.items()}
    return {**found, **{name: root for name, root in made.items() if root is not None}}


def _drop_content_types(types: Element, kept: set[str]) -> None:
    """Take the types of parts that are gone out of the list of types, and doubled ones."""
    seen: set[str] = set()
    for override in list(types):
        name = str(override.get("PartName", "")).lstrip("/")
        if name and (name not in kept or name in seen):
            types.remove(override)
        seen.add(name)


def _removal_warnings(file: str, kept: KeptParts) -> tuple[Problem, ...]:
    found = [
        f"{what} ({number})" if number > 1 else what
        for what, number in kept.removal_counts.items()
        if what and number
    ]
    problems = []
    if found:
        is_hidden = any(kept.removal_counts[kind] for kind in HIDDEN_KINDS)
        key = "template-cleaned/hidden" if is_hidden else "template-cleaned"
        removed = ", ".join(sorted(found))
        problems.append(messages.problem(key, Place(file), removed=removed))
    if kept.bound_texts:
        texts = _unique_texts(kept.bound_texts)
        problems.append(messages.problem("control-bound", Place(file), texts=texts))
    return tuple(problems)


def _prompt_warnings(file: str, parts: Mapping[str, Element], kept: KeptParts) -> Iterator[Problem]:
    """Yield a warning for each paragraph with prompts: of fields to click on, of controls."""
    shown = dict(kept.prompts)
    for name in sorted(kept.parts & parts.keys()):
        root = parts[name]
        fields = ((e, shown[e]) for e in root.iter(W + "t") if e in shown) if shown else ()
        for place, words in _group_by_paragraph(root, fields, Place(file, part=part_label(name))):
            yield messages.problem("field-prompt", place, prompts=_unique_texts(words))
        controls = find_unfilled_controls(root)
        for place, words in _group_by_paragraph(root, controls, Place(file, part=part_label(name))):
            yield messages.problem("field-prompt/control", place, prompts=_unique_texts(words))


def _group_by_paragraph(
    root: Element, found: Iterable[tuple[Element, str]], place: Place
) -> Iterator[tuple[Place, list[str]]]:
    """Yield the words of elements paragraph by paragraph, with the place of each."""
    words: dict[Element | None, list[str]] = {}
    for element, own in found:
        words.setdefault(paragraph_of(element), []).append(own)
    number = 0
    for paragraph in root.iter(W + "p") if words else ():
        number += next(paragraph.iterancestors(FALLBACK), None) is None
        if paragraph in words:
            text = "".join(atom.char for atom in paragraph_characters(paragraph)).replace(
                OBJECT, ""
            )
            yield replace(place, paragraph=number, paragraph_text=text), words[paragraph]


def _unique_texts(words: Sequence[str]) -> list[str]:
    """Return texts on one line, each once."""
    return [shorten(each) for each in dict.fromkeys(words)]
