"""A letter's lists, started anew in the whole (ECMA-376 part 1, 17.3.1.19, 17.9).

Lists that count get a w:num for this letter alone. Those that only mark share theirs, so that the
number of lists, which Word limits, grows no more than it must.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from copy import deepcopy
from dataclasses import dataclass

from merge.ooxml.package import PackageBuilder, PartRelationships, RelationshipIds, SourceDocument
from merge.ooxml.wordml import (
    TYPE,
    VAL,
    Canonical,
    Element,
    W,
    canonical,
    child_value,
    ensure_child,
    properties,
    remove,
    set_child,
)
from merge.printing.combine.package import PartBuilder
from merge.printing.combine.styles import Theme, defaults_by_kind, style_chain

_NO_LIST = 0
"""The number that stands for no list (17.9.18)."""

_LEGACY_INDENTS = {W + "start": W + "left", W + "end": W + "right"}
_OPPOSITE_INDENTS = {W + "firstLine": W + "hanging", W + "hanging": W + "firstLine"}


@dataclass(frozen=True, slots=True)
class _StyleNumbering:
    """How a style numbers its paragraphs, and the indents that it says itself."""

    num: Num | None
    level: int
    indents: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _ListParagraph:
    """A paragraph in a list. `style` is there where the list comes with its style.

    `num` is None where it is in a list that there is not, or in none after all.
    """

    paragraph: Element
    num: Num | None
    level: int
    style: _StyleNumbering | None = None


class LetterLists:
    """A letter's lists, and what they are called in the whole."""

    def __init__(
        self, source: SourceDocument, styles: Element, theme: Theme | None, whole: TargetLists
    ) -> None:
        """`theme` is the letter's own, where it is not that of the whole."""
        self._source, self._whole = source, whole
        self._abstracts: dict[Element, int] = {}
        self._part = source.related("numbering")
        self._nums: dict[str, Num] = {}
        if self._part:
            root = source.parsed(self._part)
            if theme:
                theme.resolve(root)
            self._nums = _read_lists(root)
        own = {str(e.get(W + "styleId")): e for e in styles.iterchildren(W + "style")}
        names = [name for name, style in own.items() if style.get(TYPE) == "paragraph"]
        self._by_style = {name: self._of_style([*style_chain(own, name)]) for name in names}
        self._default = self._by_style.get(defaults_by_kind(styles)["paragraph"])

    def _of_style(self, chain: Sequence[Element]) -> _StyleNumbering | None:
        """What a style's paragraphs are numbered by; None where it says nothing of it."""
        level, found, indents = None, None, dict[str, str]()
        for depth, style in enumerate(chain, 1):
            said = style.find(W + "pPr")
            numbering = None if said is None else said.find(W + "numPr")
            indents = _merge_indents(_indents(said), indents)
            level = child_value(numbering, "ilvl") if level is None else level
            number = child_value(numbering, "numId")
            if number is not None:
                num = self._nums.get(number)
                linked = _linked_level(num, chain[:depth]) if num else None
                return _StyleNumbering(num, int(level or 0) if linked is None else linked, indents)
            found = found if numbering is None else _StyleNumbering(None, 0, {})
        return found

    def renumber(self, roots: Sequence[Element], *, alike: bool, anew: bool = True) -> None:
        """Call the lists of a letter's parts as they are called in the whole.

        `alike` says that they are those of the base: what only marks stays. With `anew` those
        that count start again.
        """
        items = [item for root in roots for item in self._items(root)]
        counted = (i.num.abstract for i in items if anew and i.num and i.num.counts(i.level))
        counting = set(counted)
        firsts = _first_levels(items)
        made_anew: dict[str, int] = {}
        for item in items:
            num = item.num
            if num is None:
                _set_list(item, _NO_LIST)
            elif num.abstract in counting:
                if num.id not in made_anew:
                    made_anew[num.id] = self._anew(num, firsts[num.id])
                _set_list(item, made_anew[num.id])
            elif not alike:
                _set_list(item, self._shared(num))

    def _abstract(self, num: Num) -> int:
        """What a definition is called; two that are alike count apart, and so have two names."""
        if num.abstract not in self._abstracts:
            taken = set(self._abstracts.values())
            found = self._whole.abstract_of(num.abstract, self._source, self._part, taken)
            self._abstracts[num.abstract] = found
        return self._abstracts[num.abstract]

    def _shared(self, num: Num) -> int:
        overrides = [deepcopy(e) for e in num.overrides.values()]
        root = num.abstract.getroottree().getroot()
        return self._whole.shared_num(self._abstract(num), overrides, root)

    def _anew(self, num: Num, levels: AbstractSet[int]) -> int:
        """A list for one letter, whose levels start again that it is the first to have."""
        root = num.abstract.getroottree().getroot()
        return self._whole.new_num(self._abstract(num), num.restarted(levels), root)

    def _items(self, root: Element) -> Iterator[_ListParagraph]:
        for paragraph in root.iter(W + "p"):
            said = paragraph.find(W + "pPr")
            direct = None if said is None else said.find(W + "numPr")
            number, level = child_value(direct, "numId"), child_value(direct, "ilvl")
            by_style = self._by_style.get(child_value(said, "pStyle") or "", self._default)
            if number is not None:
                yield _ListParagraph(paragraph, self._nums.get(number), int(level or 0))
            elif by_style:
                own_level = by_style.level if level is None else int(level)
                yield _ListParagraph(paragraph, by_style.num, own_level, by_style)


def _linked_level(num: Num, styles: Sequence[Element]) -> int | None:
    """The level that the first of these styles is linked to that is linked to any."""
    levels = (num.level_of(str(style.get(W + "styleId"))) for style in styles)
    return next((level for level in levels if level is not None), None)


def _first_levels(items: Sequence[_ListParagraph]) -> Mapping[str, set[int]]:
    """The levels that each list is the first to begin of those that count together.

    A level begins those below it; those that none begins are the first list's.
    """
    begun: dict[tuple[Element, int], str] = {}
    used: dict[tuple[Element, int], str] = {}
    nums = [(item.num, item.level) for item in items if item.num]
    for num, first in (*nums, *((num, 0) for num, _ in nums)):
        used.setdefault((num.abstract, first), num.id)
        for level in LEVELS[first:]:
            begun.setdefault((num.abstract, level), num.id)
    found = defaultdict[str, set[int]](set)
    for place, number in begun.items():
        if used.get(place, number) == number:
            found[number].add(place[1])
    return found


def _read_lists(root: Element) -> dict[str, Num]:
    """The lists by their numbers; a list that is kept in a style is looked up there (17.9.21).

    Numbers that count on with each other are one list: LibreOffice would count on with those of
    other letters where one of them starts again and another does not.
    """
    abstracts = {e.get(W + "abstractNumId"): e for e in root.iterchildren(W + "abstractNum")}
    kept = {child_value(e, "styleLink"): e for e in abstracts.values()}
    found: dict[str, Num] = {}
    known: dict[Canonical, Num] = {}
    for num in root.iterchildren(W + "num"):
        abstract = abstracts.get(child_value(num, "abstractNumId"))
        link = child_value(abstract, "numStyleLink")
        abstract = kept.get(link, abstract) if link else abstract
        if abstract is not None:
            overrides = {str(e.get(W + "ilvl")): e for e in num.iterchildren(W + "lvlOverride")}
            number = str(num.get(W + "numId"))
            anew = next(num.iter(W + "startOverride"), None) is not None
            key = (abstract, number if anew else "", *map(canonical, overrides.values()))
            found[number] = known.setdefault(key, Num(number, abstract, overrides))
    return found


def _indents(said: Element | None) -> dict[str, str]:
    """The indents that properties say, under the older of two names (17.3.1.12)."""
    element = None if said is None else said.find(W + "ind")
    if element is None:
        return {}
    return {
        _LEGACY_INDENTS.get(str(name), str(name)): str(text)
        for name, text in element.attrib.items()
    }


def _merge_indents(usual: Mapping[str, str], own: Mapping[str, str]) -> dict[str, str]:
    """Indents that go before usual ones; a first line and a hanging one are the same thing."""
    return {**{n: text for n, text in usual.items() if _OPPOSITE_INDENTS.get(n) not in own}, **own}


def _set_list(item: _ListParagraph, number: int) -> None:
    """Say at a paragraph which list it is in.

    What is said there goes before the style's own indents, so these are said there as well.
    """
    said = properties(item.paragraph, "pPr")
    numbering = ensure_child(said, "numPr")
    for name, text in (("ilvl", item.level), ("numId", number)):
        old = numbering.find(W + name)
        if old is None:
            old = numbering.makeelement(W + name)
            numbering.insert(int(name == "numId"), old)
        old.set(VAL, str(text))
    if number != _NO_LIST and item.style and item.style.indents:
        indents = _merge_indents(item.style.indents, _indents(said))
        set_child(said, "ind").attrib.update(indents)


# Lists: the whole has those of its base; a letter's own come under new numbers where they differ.
#
# ECMA-376 part 1, 17.9. Word counts by the abstract definition: all w:num that lead to one count
# together, and one with startOverride starts again where it is first used (17.9.26).


_PICTURE, _ABSTRACT, _NUM = W + "numPicBulletId", W + "abstractNumId", W + "numId"
_NAMES = {W + name for name in ("nsid", "tmpl", "name", "styleLink", "numStyleLink", "pStyle")}
_IDS = (_PICTURE, _ABSTRACT, _NUM, W + "tplc", W + "tentative")
_KINDS = (("numPicBullet", _PICTURE), ("abstractNum", _ABSTRACT), ("num", _NUM))
"""In the order of the schema: what there is, and the attribute that numbers it."""

LEVELS = range(9)
_UNCOUNTED = {"bullet", "none", "", None}


@dataclass(frozen=True, slots=True)
class Num:
    """A list of a letter: its number, the definition by which it counts, and its exceptions."""

    id: str
    abstract: Element
    overrides: Mapping[str, Element]

    def level(self, number: int) -> Element | None:
        """The level, the list's own where it has one; None where it has none at all."""
        override = self.overrides.get(str(number))
        own = None if override is None else override.find(W + "lvl")
        levels = (e for e in self.abstract.iterchildren(W + "lvl"))
        usual = (e for e in levels if e.get(W + "ilvl") == str(number))
        return next(usual, None) if own is None else own

    def counts(self, number: int) -> bool:
        """Whether what stands at the level is counted, not only marked."""
        return child_value(self.level(number), "numFmt") not in _UNCOUNTED

    def level_of(self, style: str) -> int | None:
        """The level that a paragraph style is linked to; None where it is to none."""
        levels = (
            e for e in self.abstract.iterchildren(W + "lvl") if child_value(e, "pStyle") == style
        )
        return next((int(level.get(W + "ilvl", "0")) for level in levels), None)

    def restarted(self, levels: AbstractSet[int]) -> list[Element]:
        """Its exceptions, with those levels starting again where they first did."""
        overrides = {int(level): deepcopy(e) for level, e in self.overrides.items()}
        anew = {n: self._restarted(n) for n in levels if self.level(n) is not None}
        return [e for _, e in sorted({**overrides, **anew}.items())]

    def _restarted(self, number: int) -> Element:
        override = deepcopy(self.overrides.get(str(number)))
        if override is None:
            override = self.abstract.makeelement(W + "lvlOverride", {W + "ilvl": str(number)})
        if override.find(W + "startOverride") is None:
            start = child_value(self.level(number), "start") or "0"  # 17.9.25
            override.insert(0, override.makeelement(W + "startOverride", {VAL: start}))
        return override


class TargetLists:
    """The lists of the whole. `count` is how many there are."""

    def __init__(self, base: SourceDocument, parts: PackageBuilder) -> None:
        self.count = 0
        self._parts, self._relations = parts, RelationshipIds()
        self._growing = PartBuilder("w:numbering")
        self._known: defaultdict[Canonical, list[int]] = defaultdict(list)
        self._next = {_PICTURE: 0, _ABSTRACT: 0, _NUM: 1}
        part = base.related("numbering")
        if part:
            self._take(base, part)

    def _take(self, base: SourceDocument, part: str) -> None:
        """Know the lists of the base, which keep their numbers."""
        root = base.parsed(part)
        for rank, (name, number) in enumerate(_KINDS):
            found = root.findall(W + name)
            for element in found:
                own = int(element.get(number, "0"))
                self._next[number] = max(self._next[number], own + 1)
                self._relink(element, base, part)
                self._known[_key(element)].append(own)
            self._growing.add(root, found, rank)
            self.count = len(found)

    def _relink(self, element: Element, source: SourceDocument, part: str) -> None:
        """Take the pictures of bullets over."""
        relations = source.relationships(part)
        for user in element.iter("{*}imagedata"):
            for name, number in user.attrib.items():
                if number in relations:
                    relation = relations[str(number)]
                    target = self._parts.copied(source, relation.target)
                    user.set(name, self._relations.id_of(relation._replace(target=target)))

    def abstract_of(
        self, abstract: Element, source: SourceDocument, part: str, taken: AbstractSet[int]
    ) -> int:
        """The definition that counts the same and is not taken; a new one where there is none."""
        root, own = abstract.getroottree().getroot(), deepcopy(abstract)
        bullets = {e.get(_PICTURE): e for e in root.iterchildren(W + "numPicBullet")}
        for reference in own.iter(W + "lvlPicBulletId"):
            bullet = deepcopy(bullets[reference.get(VAL)])
            self._relink(bullet, source, part)
            reference.set(VAL, str(self._id_of(bullet, root, 0)))
        return self._id_of(own, root, 1, taken)

    def _id_of(
        self, own: Element, root: Element, rank: int, taken: AbstractSet[int] = frozenset()
    ) -> int:
        known = self._known[_key(own)]
        if taken >= set(known):
            known.append(self._added(own, root, rank))
        return next(number for number in known if number not in taken)

    def _added(self, own: Element, root: Element, rank: int) -> int:
        name = _KINDS[rank][1]
        number = self._new(name)
        own.set(name, str(number))
        for child in list(own.iter(*_NAMES)):
            remove(child)
        self._growing.add(root, [own], rank)
        return number

    def _new(self, number: str) -> int:
        self._next[number] += 1
        return self._next[number] - 1

    def shared_num(self, abstract: int, overrides: Sequence[Element], root: Element) -> int:
        """A list that counts by a definition, the same for all letters."""
        known = self._known[(abstract, *map(canonical, overrides))]
        if not known:
            known.append(self.new_num(abstract, overrides, root))
        return known[0]

    def new_num(self, abstract: int, overrides: Iterable[Element], root: Element) -> int:
        """A new list that counts by a definition, with its exceptions."""
        number = self._new(_NUM)
        num = root.makeelement(W + "num", {_NUM: str(number)})
        num.append(num.makeelement(W + "abstractNumId", {VAL: str(abstract)}))
        num.extend(overrides)
        self._growing.add(root, [num], 2)
        self.count += 1
        return number

    def part(self) -> tuple[bytes, PartRelationships]:
        """The bytes of the part, and what it leads to."""
        return self._growing.data(), self._relations.links


def _key(element: Element) -> Canonical:
    """What an element says of how to count: neither its number nor what it is called."""
    if element.tag == W + "num":
        overrides = map(canonical, element.iterchildren(W + "lvlOverride"))
        return (int(child_value(element, "abstractNumId") or 0), *overrides)
    own = deepcopy(element)
    for user in own.iter("*"):
        for name in _IDS:
            user.attrib.pop(name, None)
    return canonical(own, frozenset(_NAMES))
