"""Lists of letters: in the combined file they count as they did alone.

ECMA-376 part 1, 17.9. A paragraph names a list (w:num, a numbering definition instance) and a level
in it. The list leads to an abstract definition (w:abstractNum), and may override levels of it
(w:lvlOverride). Word counts by the definition: all lists of a file with one definition count
together. So a second letter with the same list would begin with 4 if the first one ended with 3.
Besides, a number may mean another list in each letter. Therefore:

1. A letter's definition is found by its content, and added if its content is new.
2. A list that counts becomes a list of this letter alone. Its w:startOverride restarts the count at
   its first paragraph (17.9.26). Two lists of a letter that count together still do: only the list
   that begins a level restarts it (`_first_levels`).
3. A list that does not count, for example with bullets, is shared by all letters that have it. This
   limits the number of lists, of which Word allows only so many.
4. The list is set at each paragraph (w:numPr, 17.3.1.19), even if the letter's style names it.
   Letters share their styles, but not the lists of these styles.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from copy import deepcopy
from dataclasses import dataclass

from merge.ooxml.package_builder import PackageBuilder, RelationshipIds, SourceDocument
from merge.ooxml.relationships import PartRelationships
from merge.ooxml.wordml import (
    TYPE,
    VAL,
    CanonicalForm,
    Element,
    W,
    canonical_form,
    child_value,
    ensure_child,
    ensure_properties,
    remove,
    set_child,
)
from merge.printing.combine.letter_parts import PartBuilder
from merge.printing.combine.styles import LetterTheme, defaults_by_kind, style_chain

_NO_LIST = 0  # The number that means no list (17.9.18)
_LEVELS = range(9)
_UNNUMBERED_FORMATS = {"bullet", "none", "", None}
_LEGACY_INDENTS = {W + "start": W + "left", W + "end": W + "right"}
_OPPOSITE_INDENTS = {W + "firstLine": W + "hanging", W + "hanging": W + "firstLine"}


@dataclass(frozen=True, slots=True)
class NumberingInstance:
    """A list of a letter: its number, its definition, and its overrides."""

    id: str
    definition: Element
    overrides: Mapping[str, Element]

    def level(self, number: int) -> Element | None:
        """Return a level of the list: its own, else the definition's, else None."""
        override = self.overrides.get(str(number))
        override_level = None if override is None else override.find(W + "lvl")
        levels = (e for e in self.definition.iterchildren(W + "lvl"))
        definition_levels = (e for e in levels if e.get(W + "ilvl") == str(number))
        return next(definition_levels, None) if override_level is None else override_level

    def is_numbered(self, number: int) -> bool:
        """Return whether paragraphs at a level are numbered, not only marked."""
        return child_value(self.level(number), "numFmt") not in _UNNUMBERED_FORMATS

    def linked_level(self, styles: Iterable[Element]) -> int | None:
        """Return the level of the first style that a level names (17.9.23).

        `styles` are in their order of priority. Return None if no level names one.
        """
        for style in styles:
            for level in self.definition.iterchildren(W + "lvl"):
                if child_value(level, "pStyle") == str(style.get(W + "styleId")):
                    return int(level.get(W + "ilvl", "0"))
        return None

    def restart_overrides(self, levels: AbstractSet[int]) -> list[Element]:
        """Return the list's overrides, changed so that some levels restart.

        They restart with their original first number.
        """
        overrides = {int(level): deepcopy(e) for level, e in self.overrides.items()}
        for number in levels:
            if self.level(number) is None:
                continue
            override = overrides.get(number)
            if override is None:
                override = self.definition.makeelement(W + "lvlOverride", {W + "ilvl": str(number)})
            if override.find(W + "startOverride") is None:
                start = child_value(self.level(number), "start") or "0"  # 17.9.25
                override.insert(0, override.makeelement(W + "startOverride", {VAL: start}))
            overrides[number] = override
        return [e for _, e in sorted(overrides.items())]


@dataclass(frozen=True, slots=True)
class _StyleNumbering:
    """The list and level of a style's paragraphs, and the style's own indents."""

    instance: NumberingInstance | None
    level: int
    indents: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ListParagraph:
    """A paragraph in a list.

    `style_numbering` is present if the list comes from the style. `instance` is None if the list
    does not exist, or if the number means no list.
    """

    paragraph: Element
    instance: NumberingInstance | None
    level: int
    style_numbering: _StyleNumbering | None = None


class ListReader:
    """Finds the paragraphs of a letter that are in lists."""

    def __init__(
        self, source: SourceDocument, styles: Element, theme: LetterTheme | None = None
    ) -> None:
        """Read a letter's lists. `theme` is the letter's, if unlike the base's."""
        self.part = source.related_part("numbering")
        self._instances: dict[str, NumberingInstance] = {}
        if self.part:
            root = source.parse_part(self.part)
            if theme:
                theme.resolve(root)
            self._instances = _read_lists(root)
        styles_by_id = {str(e.get(W + "styleId")): e for e in styles.iterchildren(W + "style")}
        names = [name for name, style in styles_by_id.items() if style.get(TYPE) == "paragraph"]
        self._numbering_by_style = {
            name: self._read_style_numbering([*style_chain(styles_by_id, name)]) for name in names
        }
        self._default_numbering = self._numbering_by_style.get(
            defaults_by_kind(styles)["paragraph"]
        )

    def _read_style_numbering(self, chain: Sequence[Element]) -> _StyleNumbering | None:
        """Return the numbering that a style gives its paragraphs, or None.

        The nearest style of the chain that names a list decides. A level of that list that is
        linked to one of the styles has priority over the level that a style names.
        """
        level, inherited, indents = None, None, dict[str, str]()
        for depth, style in enumerate(chain, 1):
            style_properties = style.find(W + "pPr")
            numbering = None if style_properties is None else style_properties.find(W + "numPr")
            indents = _merge_indents(_read_indents(style_properties), indents)
            level = child_value(numbering, "ilvl") if level is None else level
            number = child_value(numbering, "numId")
            if number is not None:
                num = self._instances.get(number)
                linked = num.linked_level(chain[:depth]) if num else None
                return _StyleNumbering(num, int(level or 0) if linked is None else linked, indents)
            inherited = inherited if numbering is None else _StyleNumbering(None, 0, {})
        return inherited

    def list_paragraphs(self, root: Element) -> Iterator[ListParagraph]:
        """Yield the paragraphs of a part that are in lists, in order."""
        for paragraph in root.iter(W + "p"):
            paragraph_properties = paragraph.find(W + "pPr")
            direct = (
                None if paragraph_properties is None else paragraph_properties.find(W + "numPr")
            )
            number, level = child_value(direct, "numId"), child_value(direct, "ilvl")
            by_style = self._numbering_by_style.get(
                child_value(paragraph_properties, "pStyle") or "", self._default_numbering
            )
            if number is not None:
                yield ListParagraph(paragraph, self._instances.get(number), int(level or 0))
            elif by_style:
                list_level = by_style.level if level is None else int(level)
                yield ListParagraph(paragraph, by_style.instance, list_level, by_style)


class LetterLists:
    """A letter's lists, and their numbers in the combined file."""

    def __init__(
        self,
        source: SourceDocument,
        styles: Element,
        theme: LetterTheme | None,
        target: TargetLists,
    ) -> None:
        """Read a letter's lists. `theme` is the letter's, if unlike the base's."""
        self._source, self._target = source, target
        self._definition_numbers: dict[Element, int] = {}
        self._reader = ListReader(source, styles, theme)

    def renumber(self, roots: Sequence[Element], *, same_format: bool, restart: bool) -> None:
        """Set the combined file's list at each paragraph of a letter's parts.

        If `same_format`, the lists are those of the base, and lists that do not count stay. If
        `restart`, lists that count start again. Lists in headers do not, because letters share
        headers.
        """
        items = [item for root in roots for item in self._reader.list_paragraphs(root)]
        # One counted level makes its entire definition count, else a list would be split in two.
        counting = {
            entry.instance.definition
            for entry in items
            if restart and entry.instance and entry.instance.is_numbered(entry.level)
        }
        firsts = _first_levels(items)
        restarted: dict[str, int] = {}
        for item in items:
            instance = item.instance
            if instance is None:
                _set_list(item, _NO_LIST)
            elif instance.definition in counting:
                if instance.id not in restarted:
                    overrides = instance.restart_overrides(firsts[instance.id])
                    restarted[instance.id] = self._target.add_instance(
                        self._target_definition(instance), instance, overrides
                    )
                _set_list(item, restarted[instance.id])
            elif not same_format:
                _set_list(
                    item, self._target.shared_instance(self._target_definition(instance), instance)
                )

    def _target_definition(self, num: NumberingInstance) -> int:
        """Return the number of a list definition in the combined file.

        Two definitions of a letter with the same content count separately, so they get two numbers.
        """
        if num.definition not in self._definition_numbers:
            used_numbers = set(self._definition_numbers.values())
            number = self._target.definition_number(
                num.definition, self._source, self._reader.part, used_numbers
            )
            self._definition_numbers[num.definition] = number
        return self._definition_numbers[num.definition]


def _first_levels(items: Sequence[ListParagraph]) -> Mapping[str, set[int]]:
    """Return for each list the levels that no earlier list begins.

    Only lists that count together are compared. If every list had w:startOverride, the second of
    two that continue each other would begin with 1 again. So a level restarts in the list whose
    paragraph comes first, at that level or a higher one, which begins those below. If that list
    begins a level only from above, and another is the first to have it, Word restarts it itself
    (17.9.10). Levels above all used ones belong to the first list, which may continue from there.
    """
    first_lists: dict[tuple[Element, int], str] = {}
    first_users: dict[tuple[Element, int], str] = {}
    instances = [(item.instance, item.level) for item in items if item.instance]
    for instance, first in (*instances, *((instance, 0) for instance, _ in instances)):
        first_users.setdefault((instance.definition, first), instance.id)
        for level in _LEVELS[first:]:
            first_lists.setdefault((instance.definition, level), instance.id)
    levels = defaultdict[str, set[int]](set)
    for place, number in first_lists.items():
        if first_users.get(place, number) == number:
            levels[number].add(place[1])
    return levels


def _read_lists(root: Element) -> dict[str, NumberingInstance]:
    """Return a letter's lists by their numbers.

    If a list is stored in a style, it is found there (17.9.21). Numbers that continue each other
    are one list. Otherwise LibreOffice would continue lists of other letters, if one of the numbers
    restarts and another does not.
    """
    abstracts = {e.get(_DEFINITION_ID): e for e in root.iterchildren(W + "abstractNum")}
    by_style_link = {child_value(e, "styleLink"): e for e in abstracts.values()}
    instances: dict[str, NumberingInstance] = {}
    instances_by_content: dict[CanonicalForm, NumberingInstance] = {}
    for num in root.iterchildren(W + "num"):
        abstract = abstracts.get(child_value(num, "abstractNumId"))
        link = child_value(abstract, "numStyleLink")
        abstract = by_style_link.get(link, abstract) if link else abstract
        if abstract is not None:
            overrides = {str(e.get(W + "ilvl")): e for e in num.iterchildren(W + "lvlOverride")}
            number = str(num.get(_INSTANCE_ID))
            starts = next(num.iter(W + "startOverride"), None) is not None
            key = (abstract, number if starts else "", *map(canonical_form, overrides.values()))
            instances[number] = instances_by_content.setdefault(
                key, NumberingInstance(number, abstract, overrides)
            )
    return instances


def _read_indents(owner_properties: Element | None) -> dict[str, str]:
    """Return the indents in properties, under their older names (17.3.1.12)."""
    element = None if owner_properties is None else owner_properties.find(W + "ind")
    indents = {} if element is None else {str(n): str(text) for n, text in element.attrib.items()}
    return {_LEGACY_INDENTS.get(name, name): text for name, text in indents.items()}


def _merge_indents(inherited: Mapping[str, str], indents: Mapping[str, str]) -> dict[str, str]:
    """Return inherited indents, overridden by the own indents.

    A first line indent and a hanging one exclude each other.
    """
    return {
        **{n: text for n, text in inherited.items() if _OPPOSITE_INDENTS.get(n) not in indents},
        **indents,
    }


def _set_list(item: ListParagraph, number: int) -> None:
    """Set the number of the list to which a paragraph belongs.

    The indents of a list that a paragraph names override those of the style. These override the
    indents of a list that the style names. So if the list came from the style, the style's indents
    are set at the paragraph too.
    """
    paragraph_properties = ensure_properties(item.paragraph, "pPr")
    numbering = ensure_child(paragraph_properties, "numPr")
    for name, text in (("ilvl", item.level), ("numId", number)):
        old = numbering.find(W + name)
        if old is None:
            old = numbering.makeelement(W + name)
            numbering.insert(int(name == "numId"), old)
        old.set(VAL, str(text))
    if number != _NO_LIST and item.style_numbering and item.style_numbering.indents:
        indents = _merge_indents(item.style_numbering.indents, _read_indents(paragraph_properties))
        set_child(paragraph_properties, "ind").attrib.update(indents)


_PICTURE_ID, _DEFINITION_ID, _INSTANCE_ID = W + "numPicBulletId", W + "abstractNumId", W + "numId"
_NAME_TAGS = {W + name for name in ("nsid", "tmpl", "name", "styleLink", "numStyleLink", "pStyle")}
_ID_ATTRIBUTES = (_PICTURE_ID, _DEFINITION_ID, _INSTANCE_ID, W + "tplc", W + "tentative")
_NUMBERED_ELEMENTS = (
    ("numPicBullet", _PICTURE_ID),
    ("abstractNum", _DEFINITION_ID),
    ("num", _INSTANCE_ID),
)
"""Elements in the order of the schema, with the attribute of their number."""


class TargetLists:
    """The lists of the combined file.

    Those of its base keep their numbers. Different lists of letters are added. `count` is the
    number of lists.
    """

    def __init__(self, base: SourceDocument, parts: PackageBuilder) -> None:
        self.count = 0
        self._parts, self._relations = parts, RelationshipIds()
        self._part_builder = PartBuilder("w:numbering")
        self._known_numbers: defaultdict[CanonicalForm, list[int]] = defaultdict(list)
        self._next_numbers = {_PICTURE_ID: 0, _DEFINITION_ID: 0, _INSTANCE_ID: 1}
        part = base.related_part("numbering")
        if not part:
            return
        root = base.parse_part(part)
        for rank, (name, number) in enumerate(_NUMBERED_ELEMENTS):
            elements = root.findall(W + name)
            for element in elements:
                own_number = int(element.get(number, "0"))
                self._next_numbers[number] = max(self._next_numbers[number], own_number + 1)
                self._copy_bullet_pictures(element, base, part)
                self._known_numbers[_content_key(element)].append(own_number)
            self._part_builder.add(root, elements, rank)
            self.count = len(elements)

    def _copy_bullet_pictures(self, element: Element, source: SourceDocument, part: str) -> None:
        """Copy the pictures that a list definition has as bullets."""
        relations = source.relationships(part)
        for user in element.iter("{*}imagedata"):
            for name, number in user.attrib.items():
                if number in relations:
                    relation = relations[str(number)]
                    target = self._parts.copy_part(source, relation.target)
                    user.set(name, self._relations.id_of(relation._replace(target=target)))

    def definition_number(
        self, abstract: Element, source: SourceDocument, part: str, used_numbers: AbstractSet[int]
    ) -> int:
        """Return the number of an unused equal list definition, or of a new one.

        One is added if necessary. `used_numbers` are definitions of the same letter.
        """
        root, definition = abstract.getroottree().getroot(), deepcopy(abstract)
        bullets = {e.get(_PICTURE_ID): e for e in root.iterchildren(W + "numPicBullet")}
        for reference in definition.iter(W + "lvlPicBulletId"):
            bullet = deepcopy(bullets[reference.get(VAL)])
            self._copy_bullet_pictures(bullet, source, part)
            reference.set(VAL, str(self._find_or_add(bullet, root, 0)))
        return self._find_or_add(definition, root, 1, used_numbers)

    def _find_or_add(
        self,
        content: Element,
        root: Element,
        rank: int,
        used_numbers: AbstractSet[int] = frozenset(),
    ) -> int:
        numbers = self._known_numbers[_content_key(content)]
        if used_numbers >= set(numbers):
            name = _NUMBERED_ELEMENTS[rank][1]
            numbers.append(self._new_number(name))
            content.set(name, str(numbers[-1]))
            for child in list(content.iter(*_NAME_TAGS)):
                remove(child)
            self._part_builder.add(root, [content], rank)
        return next(number for number in numbers if number not in used_numbers)

    def _new_number(self, kind: str) -> int:
        self._next_numbers[kind] += 1
        return self._next_numbers[kind] - 1

    def shared_instance(self, abstract: int, num: NumberingInstance) -> int:
        """Return the number of a list like a letter's that all letters share."""
        overrides = [deepcopy(e) for e in num.overrides.values()]
        numbers = self._known_numbers[(abstract, *map(canonical_form, overrides))]
        if not numbers:
            numbers.append(self.add_instance(abstract, num, overrides))
        return numbers[0]

    def add_instance(
        self, abstract: int, num: NumberingInstance, overrides: Iterable[Element]
    ) -> int:
        """Return the number of a new list with a definition and overrides."""
        number, root = self._new_number(_INSTANCE_ID), num.definition.getroottree().getroot()
        element = root.makeelement(W + "num", {_INSTANCE_ID: str(number)})
        element.append(element.makeelement(W + "abstractNumId", {VAL: str(abstract)}))
        element.extend(overrides)
        self._part_builder.add(root, [element], 2)
        self.count += 1
        return number

    def part(self) -> tuple[bytes, PartRelationships]:
        """Return the bytes of the lists' part, and its relationships."""
        return self._part_builder.to_bytes(), self._relations.relationships


def _content_key(element: Element) -> CanonicalForm:
    """Return a list definition's content for comparison, without its number."""
    if element.tag == W + "num":
        overrides = map(canonical_form, element.iterchildren(W + "lvlOverride"))
        return (int(child_value(element, "abstractNumId") or 0), *overrides)
    content = deepcopy(element)
    for user in content.iter("*"):
        for name in _ID_ATTRIBUTES:
            user.attrib.pop(name, None)
    return canonical_form(content, frozenset(_NAME_TAGS))
