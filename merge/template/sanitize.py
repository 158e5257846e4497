"""Remove everything from a template that a letter must not contain.

A letter contains what the user wrote and nothing else: no author, company, template path, deleted
text, comments or macros. The lists are of what may stay, not of what must be removed. So unforeseen
content is removed.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
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
    """The package without forbidden content, and its XML parts, parsed.

    `problems` are warnings about what a reader of the template might miss. `prompts` are the words
    of fields to click on, which letters print.
    """

    package: Package
    parts: Mapping[str, Element]
    problems: tuple[Problem, ...]
    prompts: tuple[str, ...] = ()


def sanitize(
    package: Package, parts: Mapping[str, Element], *, keep_hidden: bool = False
) -> SanitizedPackage:
    """Remove everything that a letter must not contain. `parts` are changed.

    `parts` are all XML parts that can be read; hidden text stays with `keep_hidden`. A part of
    which nothing is removed keeps its bytes.

    Raise TemplateError if the package does not have Word's layout: another program might read other
    parts of it than were checked here. Raise it too if a part that a letter needs cannot be read,
    or if something necessary would be lost.
    """
    lists = {CONTENT_TYPES, relationships_part("")}
    kept_parts = _find_kept_parts(package, parts, lists)
    changed_parts = _clean_parts(package.file, parts, kept_parts, keep_hidden=keep_hidden)
    changed_parts |= _drop_unused(parts, kept_parts)
    pictures = _clean_pictures(package, kept_parts)
    changed_parts |= _rename_media(parts, kept_parts)
    properties = property_parts(_core_properties(package, kept_parts))
    declare_properties(parts[relationships_part("")], parts[CONTENT_TYPES])
    names_present = {kept_parts.new_names.get(name, name) for name in kept_parts.parts}
    _drop_content_types(parts[CONTENT_TYPES], names_present | properties.keys())
    new_xml = {n: xml_bytes(parts[n]) for n in (changed_parts | lists) & kept_parts.parts}
    reduced = package.without_parts({m.name for m in package.members} - kept_parts.parts)
    complete = reduced.with_parts({**new_xml, **pictures, **properties}).with_names(
        kept_parts.new_names
    )
    warnings = (
        *_removal_warnings(package.file, kept_parts),
        *_prompt_warnings(package.file, parts, kept_parts),
        *_picture_warnings(package.file, parts, kept_parts),
    )
    prompts = tuple(dict.fromkeys(words for _, words in kept_parts.prompts))
    return SanitizedPackage(
        complete, _parsed_parts(parts, kept_parts, properties), warnings, prompts
    )


def _is_xml(name: str) -> bool:
    return name.lower().endswith((".xml", ".rels"))


def _find_kept_parts(
    package: Package, parts: Mapping[str, Element], lists: AbstractSet[str]
) -> KeptParts:
    """Return the parts that a letter needs.

    `lists` are the package's lists of parts. Raise TemplateError if one is damaged, or if the
    package does not have Word's layout.
    """
    unreadable = {m.name for m in package.members if _is_xml(m.name)} - parts.keys()
    _check_readable(package.file, lists & unreadable)
    if not lists <= parts.keys():
        why = "its lists of parts are not named as Word does it"
        raise _irregular_package_error(package.file, why)
    _check_attributes(package.file, parts)
    kept_parts = find_reachable_parts(parts, frozenset(m.name for m in package.members))
    needed = {*kept_parts.parts, *map(relationships_part, kept_parts.parts)}
    _check_readable(package.file, needed & unreadable)
    _check_shape(package.file, {n: root for n, root in parts.items() if n in kept_parts.parts})
    if kept_parts.misnamed_parts:
        why = f"its part {kept_parts.misnamed_parts[0]} is not named as Word does it"
        raise _irregular_package_error(package.file, why)
    main_part = kept_parts.main_part
    if main_part not in parts or main_part not in kept_parts.parts or main_part.isupper():
        raise _irregular_package_error(package.file, "its text is not where Word puts it")
    return kept_parts


def _check_readable(file: str, unreadable: AbstractSet[str]) -> None:
    """Raise TemplateError if parts cannot be read."""
    if unreadable:
        raise TemplateError([damaged_part_problem(file, name) for name in sorted(unreadable)])


def damaged_part_problem(file: str, part: str) -> Problem:
    """Return the problem of a part that cannot be read."""
    place = Place(file, part=part_label(part))
    return messages.problem("template-unreadable/part", place)


def _core_properties(package: Package, kept_parts: KeptParts) -> Element | None:
    return parse_xml(package.read(kept_parts.core_part)) if kept_parts.core_part else None


def _clean_parts(
    file: str, parts: Mapping[str, Element], kept_parts: KeptParts, *, keep_hidden: bool
) -> set[str]:
    """Clean the parts that stay; return changed parts and relationships."""
    changed_parts = {relationships_part(part) for part in kept_parts.removed_ids}
    fields = FieldCleaner(kept_parts.removal_counts, keep_entries=keep_hidden)
    contents = {
        name: parts[name] for name in sorted(kept_parts.parts & parts.keys()) if _is_content(name)
    }
    formats = HiddenFormats(next((e for e in contents.values() if e.tag == W + "styles"), None))
    controls = ControlFiller(BoundData(parts))
    for name, root in contents.items():
        _check_inserted_files(file, root)
        is_filled = controls.fill(root)
        removed_ids, link_ids = (
            kept_parts.removed_ids.get(name, set()),
            kept_parts.link_ids.get(name, set()),
        )
        hidden_text = HiddenTextCleaner(formats, kept_parts.removal_counts)
        is_changed = is_filled | (not keep_hidden and hidden_text.remove_drawings(root))
        is_changed |= TraceCleaner(removed_ids, link_ids, kept_parts.removal_counts).clean(
            root
        ) | fields.clean(root)
        is_changed |= not keep_hidden and hidden_text.clean(root)
        if is_changed:
            changed_parts.add(name)
    settings = next((e for e in contents.values() if e.tag == W + "settings"), None)
    unused_headers = drop_unused_headers(parts[kept_parts.main_part], settings)
    if unused_headers:
        changed_parts.add(kept_parts.main_part)
        _count_unused_headers(unused_headers, parts, kept_parts)
    kept_parts.prompts, kept_parts.bound_texts = fields.prompts, controls.uncertain_texts
    return changed_parts | drop_unused_notes(
        contents, kept_parts.main_part, kept_parts.removal_counts
    )


_UNUSED_HEADERS = "unused headers and footers of first or even pages"


def _count_unused_headers(
    references: Sequence[Element], parts: Mapping[str, Element], kept_parts: KeptParts
) -> None:
    """Count the parts of removed references that had words or pictures.

    Each part is counted once.
    """
    targets = {
        kept_parts.targets.get((kept_parts.main_part, r.get(R + "id", "")), "") for r in references
    }
    roots = [parts[name] for name in targets if name in parts]
    words = [texts_in(root).strip() for root in roots]
    pictures = [next(root.iter(W + "drawing", W + "pict"), None) for root in roots]
    number = sum(bool(w) or p is not None for w, p in zip(words, pictures, strict=True))
    kept_parts.removal_counts[_UNUSED_HEADERS] += number


def _is_content(name: str) -> bool:
    return name != CONTENT_TYPES and not name.endswith(".rels")


def _check_inserted_files(file: str, root: Element) -> None:
    """Raise TemplateError if an inserted file replaces text.

    Only Word could show its text.
    """
    inserted = next(root.iter(W + "altChunk"), None)
    if inserted is not None:
        raise TemplateError(messages.problem("inserted-file", Place(file)))


_USED_BY_ID = {
    *("image", "hyperlink", "header", "footer", "chart", "font", "chartUserShapes"),
    *("diagramData", "diagramLayout", "diagramQuickStyle", "diagramColors"),
}
"""Kinds of relationships that are only used by elements with their ID."""


def _drop_unused(parts: Mapping[str, Element], kept_parts: KeptParts) -> set[str]:
    """Remove relationships that are no longer used, and unreachable parts.

    Return the parts of relationships that were changed.
    """
    changed_parts, reached, pending = set(), {CONTENT_TYPES}, [""]
    while pending:
        part = pending.pop()
        name = relationships_part(part)
        if name not in kept_parts.parts:
            continue
        reached.add(name)
        used_ids = used_relationships(parts[part]) if part in parts else set()
        for relation in list(parts[name]):
            number, relationship = read_relationship(relation)
            target = kept_parts.targets.get((part, number), "")
            if relationship.short_kind in _USED_BY_ID and number not in used_ids:
                parts[name].remove(relation)
                changed_parts.add(name)
            elif target and target not in reached:
                reached.add(target)
                pending.append(target)
    kept_parts.parts &= reached
    return changed_parts


def _clean_pictures(package: Package, kept_parts: KeptParts) -> dict[str, bytes]:
    """Return pictures without metadata, by name, if they had metadata.

    Those of a kind that cannot be cleaned are added to `uncleaned_pictures`. Raise TemplateError if
    one cannot be read, because it might still have metadata.
    """
    cleaned, problems = {}, []
    for name in sorted(kept_parts.pictures & kept_parts.parts):
        data = package.read(name)
        try:
            new_data = without_metadata(data)
        except PictureError:
            place, picture = Place(package.file), posixpath.basename(name)
            problems.append(messages.problem("picture-unreadable", place, picture=picture))
            continue
        if new_data is None:
            kept_parts.uncleaned_pictures.add(name)
        elif new_data != data:
            cleaned[name] = new_data
    if problems:
        raise TemplateError(problems)
    return cleaned


def _picture_warnings(
    file: str, parts: Mapping[str, Element], kept_parts: KeptParts
) -> Iterator[Problem]:
    """Yield a warning for each place with pictures that were not cleaned.

    A picture that no paragraph shows has the template as its place.
    """
    unplaced = set(kept_parts.uncleaned_pictures)
    for name in sorted(kept_parts.parts & parts.keys()) if unplaced else ():
        shown = []
        for element in parts[name].iter("*"):
            if next(element.iterancestors(FALLBACK), None) is not None:
                continue  # the old copy of a text box repeats the pictures of the new one
            numbers = [str(n) for key, n in element.attrib.items() if str(key).startswith(R)]
            targets = {kept_parts.targets.get((name, number), "") for number in numbers}
            shown += [(element, picture) for picture in targets & kept_parts.uncleaned_pictures]
        place = Place(file, part=part_label(name))
        for paragraph, pictures in _group_by_paragraph(parts[name], shown, place):
            unplaced -= set(pictures)
            yield _picture_warning(paragraph, pictures)
    if unplaced:
        yield _picture_warning(Place(file), sorted(unplaced))


def _picture_warning(place: Place, pictures: Iterable[str]) -> Problem:
    names = _unique_texts([posixpath.basename(name) for name in pictures])
    return messages.problem("picture-not-cleaned", place, pictures=names)


_MEDIA_NAME = re.compile(r"(?:image|font)\d*")


def _rename_media(parts: Mapping[str, Element], kept_parts: KeptParts) -> set[str]:
    """Give pictures and fonts neutral names; return the changed relationships."""
    changed_parts, numbers = set(), count(1)
    media = sorted((kept_parts.pictures | kept_parts.fonts) & kept_parts.parts)
    names_in_use = {name.lower() for name in kept_parts.parts}
    for name in media:
        stem, ending = posixpath.splitext(posixpath.basename(name))
        if not _MEDIA_NAME.fullmatch(stem):
            kind = "image" if name in kept_parts.pictures else "font"
            candidates = (f"{posixpath.dirname(name)}/{kind}{n}{ending.lower()}" for n in numbers)
            kept_parts.new_names[name] = next(
                f for f in candidates if f.lower() not in names_in_use
            )
            names_in_use.add(kept_parts.new_names[name].lower())
    for (part, number), target in kept_parts.targets.items():
        relations = relationships_part(part)
        if target in kept_parts.new_names and relations in kept_parts.parts:
            for relation in parts[relations]:
                if relation.get("Id") == number:
                    folder = posixpath.dirname(f"/{part}")
                    relation.set(
                        "Target", posixpath.relpath(f"/{kept_parts.new_names[target]}", folder)
                    )
                    changed_parts.add(relations)
    for override in parts[CONTENT_TYPES]:
        name = str(override.get("PartName", "")).lstrip("/")
        if name in kept_parts.new_names:
            override.set("PartName", f"/{kept_parts.new_names[name]}")
    return changed_parts


def _irregular_package_error(file: str, reason: str) -> TemplateError:
    return TemplateError(messages.problem("template-odd", Place(file), why=reason))


_MAX_ATTRIBUTES = 1_000
"""Attributes of one element. Word's have some thirty;
libxml2 reads all of them to find one."""


def _check_attributes(file: str, parts: Mapping[str, Element]) -> None:
    """Raise TemplateError for an element with far too many attributes."""
    for name, root in parts.items():
        if any(len(element.attrib) > _MAX_ATTRIBUTES for element in root.iter("*")):
            reason = f"its part {name} has more than 1,000 attributes on one element"
            raise _irregular_package_error(file, reason)


def _check_shape(file: str, parts: Mapping[str, Element]) -> None:
    """Raise TemplateError for lists of parts that Word does not write.

    Word could not read them, or would read them differently.
    """
    for name, root in parts.items():
        if name == CONTENT_TYPES:
            expected = {"Types": (), "Default": ("Extension",), "Override": ("PartName",)}
        elif name.endswith(".rels"):
            expected = {"Relationships": (), "Relationship": ("Id", "Type", "Target")}
        else:
            continue
        is_valid = str(root.tag).endswith(f"}}{next(iter(expected))}")
        is_valid = is_valid and all(len(child) == 0 for child in root.iterchildren("*"))
        for element in root.iter("*"):
            space, _, local = str(element.tag).rpartition("}")
            is_valid = is_valid and space.startswith(f"{{{PACKAGE}/")
            is_valid = is_valid and all(element.get(a) for a in expected.get(local, ("?",)))
        if not is_valid:
            raise _irregular_package_error(file, f"its part {name} is not as Word writes it")


def _parsed_parts(
    parts: Mapping[str, Element], kept_parts: KeptParts, properties: Mapping[str, bytes]
) -> dict[str, Element]:
    parsed = {
        name: root
        for name, root in parts.items()
        if name in kept_parts.parts - {CORE_PART, CUSTOM_PART}
    }
    new_parts = {name: parse_xml(data) for name, data in properties.items()}
    return {**parsed, **{name: root for name, root in new_parts.items() if root is not None}}


def _drop_content_types(types: Element, names_kept: set[str]) -> None:
    """Remove the types of removed parts, and duplicates.

    `names_kept` are those of the parts that stay.
    """
    names_seen: set[str] = set()
    for override in list(types):
        name = str(override.get("PartName", "")).lstrip("/")
        if name and (name not in names_kept or name in names_seen):
            types.remove(override)
        names_seen.add(name)


def _removal_warnings(file: str, kept_parts: KeptParts) -> tuple[Problem, ...]:
    removed_kinds = [
        f"{kind} ({number})" if number > 1 else kind
        for kind, number in kept_parts.removal_counts.items()
        if kind and number
    ]
    problems = []
    if removed_kinds:
        is_hidden = any(kept_parts.removal_counts[kind] for kind in HIDDEN_KINDS)
        key = "template-cleaned/hidden" if is_hidden else "template-cleaned"
        removed = ", ".join(sorted(removed_kinds))
        problems.append(messages.problem(key, Place(file), removed=removed))
    if kept_parts.bound_texts:
        texts = _unique_texts(kept_parts.bound_texts)
        problems.append(messages.problem("control-bound", Place(file), texts=texts))
    return tuple(problems)


def _prompt_warnings(
    file: str, parts: Mapping[str, Element], kept_parts: KeptParts
) -> Iterator[Problem]:
    """Yield a warning for each paragraph with prompts of fields or controls."""
    prompts_by_element = dict(kept_parts.prompts)
    for name in sorted(kept_parts.parts & parts.keys()):
        root = parts[name]
        fields = (
            ((e, prompts_by_element[e]) for e in root.iter(W + "t") if e in prompts_by_element)
            if prompts_by_element
            else ()
        )
        for place, words in _group_by_paragraph(root, fields, Place(file, part=part_label(name))):
            yield messages.problem("field-prompt", place, prompts=_unique_texts(words))
        controls = find_unfilled_controls(root)
        for place, words in _group_by_paragraph(root, controls, Place(file, part=part_label(name))):
            yield messages.problem("field-prompt/control", place, prompts=_unique_texts(words))


def _group_by_paragraph(
    root: Element, elements: Iterable[tuple[Element, str]], place: Place
) -> Iterator[tuple[Place, list[str]]]:
    """Yield the words of elements by paragraph, with the place of each."""
    words: dict[Element | None, list[str]] = {}
    for element, element_words in elements:
        words.setdefault(paragraph_of(element), []).append(element_words)
    number = 0
    for paragraph in root.iter(W + "p") if words else ():
        number += next(paragraph.iterancestors(FALLBACK), None) is None
        if paragraph in words:
            text = "".join(atom.char for atom in paragraph_characters(paragraph)).replace(
                OBJECT, ""
            )
            yield replace(place, paragraph=number, paragraph_text=text), words[paragraph]


def _unique_texts(words: Sequence[str]) -> list[str]:
    """Return texts, each on one line and only once."""
    return [shorten(text) for text in dict.fromkeys(words)]
