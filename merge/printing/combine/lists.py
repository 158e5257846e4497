"""Lists: those of each letter start anew in the combined file, and count as they did alone.

ECMA-376 part 1, 17.9. A paragraph names a list (w:num) and a level in it; the list leads to an
abstract definition (w:abstractNum), and may have exceptions to it (w:lvlOverride). Word counts by
the definition: all lists of a file that lead to one definition count together. So a second letter
with the same list would begin with 4 where the first one ended with 3. And a number may stand for
another list in each letter. Therefore:

1. A definition of a letter is looked up by what it says, and added where it says something new.
2. A list that counts becomes a list of this letter alone, whose w:startOverride lets the count
   start again at its first paragraph (17.9.26). Two lists of a letter that count together still do:
   only the one that begins a level starts it again (`_first_levels`).
3. A list that only marks, with bullets say, is shared by all letters that have it, so that the
   number of lists, which Word limits, grows no more than it must.
4. The list is written at each paragraph (w:numPr, 17.3.1.19), even where the letter's style names
   it: letters share their styles, but not the lists that these would lead to.
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
from merge.printing.combine.styles import Theme, defaults_by_kind, style_chain

_NO_LIST = 0  # The number that stands for no list (17.9.18)
_LEVELS = range(9)
_UNNUMBERED_FORMATS = {"bullet", "none", "", None}
_LEGACY_INDENTS = {W + "start": W + "left", W + "end": W + "right"}
_OPPOSITE_INDENTS = {W + "firstLine": W + "hanging", W + "hanging": W + "firstLine"}


@dataclass(frozen=True, slots=True)
class NumberingInstance:
    """A list of a letter: its number, the definition by which it counts, and its exceptions."""

    id: str
    definition: Element
    overrides: Mapping[str, Element]

    def level(self, number: int) -> Element | None:
        """Return the level, the list's own where it has one; None where it has none at all."""
        override = self.overrides.get(str(number))
        own = None if override is None else override.find(W + "lvl")
        levels = (e for e in self.definition.iterchildren(W + "lvl"))
        usual = (e for e in levels if e.get(W + "ilvl") == str(number))
        return next(usual, None) if own is None else own

    def is_numbered(self, number: int) -> bool:
        """Return whether what stands at the level is counted, not only marked."""
        return child_value(self.level(number), "numFmt") not in _UNNUMBERED_FORMATS

    def linked_level(self, styles: Iterable[Element]) -> int | None:
        """Return the level that names the first of these styles that any level names (17.9.23)."""
        for style in styles:
            for level in self.definition.iterchildren(W + "lvl"):
                if child_value(level, "pStyle") == str(style.get(W + "styleId")):
                    return int(level.get(W + "ilvl", "0"))
        return None

    def restart_overrides(self, levels: AbstractSet[int]) -> list[Element]:
        """Return its exceptions, with those levels starting again where they first did."""
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
    """The list and level of a style's paragraphs, and the indents that it says itself."""

    instance: NumberingInstance | None
    level: int
    indents: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _ListParagraph:
    """A paragraph in a list. `style` is there where the list comes with its style.

    `num` is None where it is in a list that there is not, or in none after all.
    """

    paragraph: Element
    instance: NumberingInstance | None
    level: int
    style_numbering: _StyleNumbering | None = None


class LetterLists:
    """A letter's lists, and the numbers that they have in the combined file."""

    def __init__(
        self, source: SourceDocument, styles: Element, theme: Theme | None, target: TargetLists
    ) -> None:
        """`theme` is the letter's own, where it is not that of the combined file."""
        self._source, self._target = source, target
        self._definition_numbers: dict[Element, int] = {}
        self._part = source.related_part("numbering")
        self._instances: dict[str, NumberingInstance] = {}
        if self._part:
            root = source.parse_part(self._part)
            if theme:
                theme.resolve(root)
            self._instances = _read_lists(root)
        own = {str(e.get(W + "styleId")): e for e in styles.iterchildren(W + "style")}
        names = [name for name, style in own.items() if style.get(TYPE) == "paragraph"]
        self._numbering_by_style = {
            name: self._read_style_numbering([*style_chain(own, name)]) for name in names
        }
        self._default_numbering = self._numbering_by_style.get(
            defaults_by_kind(styles)["paragraph"]
        )

    def _read_style_numbering(self, chain: Sequence[Element]) -> _StyleNumbering | None:
        """Return what a style's paragraphs are numbered by; None where it says nothing of it.

        The nearest style of the chain that names a list decides. A level of that list that is
        linked to one of the styles goes before the level that a style says.
        """
        level, found, indents = None, None, dict[str, str]()
        for depth, style in enumerate(chain, 1):
            said = style.find(W + "pPr")
            numbering = None if said is None else said.find(W + "numPr")
            indents = _merge_indents(_read_indents(said), indents)
            level = child_value(numbering, "ilvl") if level is None else level
            number = child_value(numbering, "numId")
            if number is not None:
                num = self._instances.get(number)
                linked = num.linked_level(chain[:depth]) if num else None
                return _StyleNumbering(num, int(level or 0) if linked is None else linked, indents)
            found = found if numbering is None else _StyleNumbering(None, 0, {})
        return found

    def renumber(self, roots: Sequence[Element], *, same_format: bool, restart: bool) -> None:
        """Write at each paragraph of a letter's parts the list that it has in the combined file.

        `same_format` says that the lists are those of the base: what only marks stays. With
        `restart` those that count start again; those in headers do not, for letters share these.
        """
        items = [item for root in roots for item in self._list_paragraphs(root)]
        # One counted level makes its whole definition count: a list would else be torn in two.
        counting = {
            i.instance.definition
            for i in items
            if restart and i.instance and i.instance.is_numbered(i.level)
        }
        firsts = _first_levels(items)
        restarted: dict[str, int] = {}
        for item in items:
            num = item.instance
            if num is None:
                _set_list(item, _NO_LIST)
            elif num.definition in counting:
                if num.id not in restarted:
                    overrides = num.restart_overrides(firsts[num.id])
                    restarted[num.id] = self._target.add_instance(
                        self._target_definition(num), num, overrides
                    )
                _set_list(item, restarted[num.id])
            elif not same_format:
                _set_list(item, self._target.shared_instance(self._target_definition(num), num))

    def _list_paragraphs(self, root: Element) -> Iterator[_ListParagraph]:
        for paragraph in root.iter(W + "p"):
            said = paragraph.find(W + "pPr")
            direct = None if said is None else said.find(W + "numPr")
            number, level = child_value(direct, "numId"), child_value(direct, "ilvl")
            by_style = self._numbering_by_style.get(
                child_value(said, "pStyle") or "", self._default_numbering
            )
            if number is not None:
                yield _ListParagraph(paragraph, self._instances.get(number), int(level or 0))
            elif by_style:
                own_level = by_style.level if level is None else int(level)
                yield _ListParagraph(paragraph, by_style.instance, own_level, by_style)

    def _target_definition(self, num: NumberingInstance) -> int:
        """Return the definition's number in the combined file.

        Two definitions of a letter that say the same count apart, and so have two numbers.
        """
        if num.definition not in self._definition_numbers:
            taken = set(self._definition_numbers.values())
            found = self._target.definition_number(num.definition, self._source, self._part, taken)
            self._definition_numbers[num.definition] = found
        return self._definition_numbers[num.definition]


def _first_levels(items: Sequence[_ListParagraph]) -> Mapping[str, set[int]]:
    """Return for each list the levels that it is the first to begin of those that count together.

    If every list had w:startOverride, the second of two that count on with each other would begin
    with 1 again. So a level starts again in the list whose paragraph comes first at that level or
    at one above it, which begins those below. Where that list begins a level only from above, and
    another is the first to have it, Word starts it again by itself (17.9.10). Levels above all that
    are used are those of the first list, which may count on from there.
    """
    begun: dict[tuple[Element, int], str] = {}
    used: dict[tuple[Element, int], str] = {}
    nums = [(item.instance, item.level) for item in items if item.instance]
    for num, first in (*nums, *((num, 0) for num, _ in nums)):
        used.setdefault((num.definition, first), num.id)
        for level in _LEVELS[first:]:
            begun.setdefault((num.definition, level), num.id)
    found = defaultdict[str, set[int]](set)
    for place, number in begun.items():
        if used.get(place, number) == number:
            found[number].add(place[1])
    return found


def _read_lists(root: Element) -> dict[str, NumberingInstance]:
    """Return the lists by their numbers; one that is kept in a style is looked up there (17.9.21).

    Numbers that count on with each other are one list: LibreOffice would count on with those of
    other letters where one of them starts again and another does not.
    """
    abstracts = {e.get(_DEFINITION_ID): e for e in root.iterchildren(W + "abstractNum")}
    kept = {child_value(e, "styleLink"): e for e in abstracts.values()}
    found: dict[str, NumberingInstance] = {}
    known: dict[CanonicalForm, NumberingInstance] = {}
    for num in root.iterchildren(W + "num"):
        abstract = abstracts.get(child_value(num, "abstractNumId"))
        link = child_value(abstract, "numStyleLink")
        abstract = kept.get(link, abstract) if link else abstract
        if abstract is not None:
            overrides = {str(e.get(W + "ilvl")): e for e in num.iterchildren(W + "lvlOverride")}
            number = str(num.get(_INSTANCE_ID))
            starts = next(num.iter(W + "startOverride"), None) is not None
            key = (abstract, number if starts else "", *map(canonical_form, overrides.values()))
            found[number] = known.setdefault(key, NumberingInstance(number, abstract, overrides))
    return found


def _read_indents(said: Element | None) -> dict[str, str]:
    """Return the indents that properties say, under the older of two names (17.3.1.12)."""
    element = None if said is None else said.find(W + "ind")
    found = {} if element is None else {str(n): str(text) for n, text in element.attrib.items()}
    return {_LEGACY_INDENTS.get(name, name): text for name, text in found.items()}


def _merge_indents(usual: Mapping[str, str], own: Mapping[str, str]) -> dict[str, str]:
    """Let indents go before usual ones; a first line and a hanging one are the same thing."""
    return {**{n: text for n, text in usual.items() if _OPPOSITE_INDENTS.get(n) not in own}, **own}


def _set_list(item: _ListParagraph, number: int) -> None:
    """Say at a paragraph which list it is in.

    The indents of a list named there overrule those of the style, which overrule those of a list
    that the style names. So where the list came with the style, its indents are said there as well.
    """
    said = ensure_properties(item.paragraph, "pPr")
    numbering = ensure_child(said, "numPr")
    for name, text in (("ilvl", item.level), ("numId", number)):
        old = numbering.find(W + name)
        if old is None:
            old = numbering.makeelement(W + name)
            numbering.insert(int(name == "numId"), old)
        old.set(VAL, str(text))
    if number != _NO_LIST and item.style_numbering and item.style_numbering.indents:
        indents = _merge_indents(item.style_numbering.indents, _read_indents(said))
        set_child(said, "ind").attrib.update(indents)


_PICTURE_ID, _DEFINITION_ID, _INSTANCE_ID = W + "numPicBulletId", W + "abstractNumId", W + "numId"
_NAME_TAGS = {W + name for name in ("nsid", "tmpl", "name", "styleLink", "numStyleLink", "pStyle")}
_ID_ATTRIBUTES = (_PICTURE_ID, _DEFINITION_ID, _INSTANCE_ID, W + "tplc", W + "tentative")
_NUMBERED_ELEMENTS = (
    ("numPicBullet", _PICTURE_ID),
    ("abstractNum", _DEFINITION_ID),
    ("num", _INSTANCE_ID),
)
"""In the order of the schema: what there is, and the attribute that numbers it."""


class TargetLists:
    """The lists of the combined file. `count` is how many there are.

    It has those of its base, which keep their numbers; what letters have otherwise comes beside.
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
            found = root.findall(W + name)
            for element in found:
                own = int(element.get(number, "0"))
                self._next_numbers[number] = max(self._next_numbers[number], own + 1)
                self._copy_bullet_pictures(element, base, part)
                self._known_numbers[_content_key(element)].append(own)
            self._part_builder.add(root, found, rank)
            self.count = len(found)

    def _copy_bullet_pictures(self, element: Element, source: SourceDocument, part: str) -> None:
        """Take the pictures of bullets over."""
        relations = source.relationships(part)
        for user in element.iter("{*}imagedata"):
            for name, number in user.attrib.items():
                if number in relations:
                    relation = relations[str(number)]
                    target = self._parts.copy_part(source, relation.target)
                    user.set(name, self._relations.id_of(relation._replace(target=target)))

    def definition_number(
        self, abstract: Element, source: SourceDocument, part: str, taken: AbstractSet[int]
    ) -> int:
        """Return the definition that counts the same and is not taken; add one if need be."""
        root, own = abstract.getroottree().getroot(), deepcopy(abstract)
        bullets = {e.get(_PICTURE_ID): e for e in root.iterchildren(W + "numPicBullet")}
        for reference in own.iter(W + "lvlPicBulletId"):
            bullet = deepcopy(bullets[reference.get(VAL)])
            self._copy_bullet_pictures(bullet, source, part)
            reference.set(VAL, str(self._find_or_add(bullet, root, 0)))
        return self._find_or_add(own, root, 1, taken)

    def _find_or_add(
        self, own: Element, root: Element, rank: int, taken: AbstractSet[int] = frozenset()
    ) -> int:
        known = self._known_numbers[_content_key(own)]
        if taken >= set(known):
            name = _NUMBERED_ELEMENTS[rank][1]
            known.append(self._new_number(name))
            own.set(name, str(known[-1]))
            for child in list(own.iter(*_NAME_TAGS)):
                remove(child)
            self._part_builder.add(root, [own], rank)
        return next(number for number in known if number not in taken)

    def _new_number(self, kind: str) -> int:
        self._next_numbers[kind] += 1
        return self._next_numbers[kind] - 1

    def shared_instance(self, abstract: int, num: NumberingInstance) -> int:
        """Return the list that is like a letter's and the same for all letters."""
        overrides = [deepcopy(e) for e in num.overrides.values()]
        known = self._known_numbers[(abstract, *map(canonical_form, overrides))]
        if not known:
            known.append(self.add_instance(abstract, num, overrides))
        return known[0]

    def add_instance(
        self, abstract: int, num: NumberingInstance, overrides: Iterable[Element]
    ) -> int:
        """Return a new list for a letter's that counts by a definition, with its exceptions."""
        number, root = self._new_number(_INSTANCE_ID), num.definition.getroottree().getroot()
        element = root.makeelement(W + "num", {_INSTANCE_ID: str(number)})
        element.append(element.makeelement(W + "abstractNumId", {VAL: str(abstract)}))
        element.extend(overrides)
        self._part_builder.add(root, [element], 2)
        self.count += 1
        return number

    def part(self) -> tuple[bytes, PartRelationships]:
        """Return the bytes of the part, and its relationships."""
        return self._part_builder.to_bytes(), self._relations.relationships


def _content_key(element: Element) -> CanonicalForm:
    """Return what an element says of how to count: neither its number nor what it is called."""
    if element.tag == W + "num":
        overrides = map(canonical_form, element.iterchildren(W + "lvlOverride"))
        return (int(child_value(element, "abstractNumId") or 0), *overrides)
    own = deepcopy(element)
    for user in own.iter("*"):
        for name in _ID_ATTRIBUTES:
            user.attrib.pop(name, None)
    return canonical_form(own, frozenset(_NAME_TAGS))
