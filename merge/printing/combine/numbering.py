"""Lists: the whole has those of its base; a letter's own come under new numbers where they differ.

ECMA-376 part 1, 17.9. Word counts by the abstract definition: all w:num that lead to one count
together, and one with startOverride starts again where it is first used (17.9.26).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from copy import deepcopy
from dataclasses import dataclass

from merge.ooxml.package import Links, Parts, Relations, Source
from merge.ooxml.wordml import VAL, Canon, Element, W, canon, remove, value
from merge.printing.combine.growing import Growing

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
        return value(self.level(number), "numFmt") not in _UNCOUNTED

    def level_of(self, style: str) -> int | None:
        """The level that a paragraph style is linked to; None where it is to none."""
        levels = (e for e in self.abstract.iterchildren(W + "lvl") if value(e, "pStyle") == style)
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
            start = value(self.level(number), "start") or "0"  # 17.9.25
            override.insert(0, override.makeelement(W + "startOverride", {VAL: start}))
        return override


class Numbering:
    """The lists of the whole. `count` is how many there are."""

    def __init__(self, base: Source, parts: Parts) -> None:
        self.count = 0
        self._parts, self._relations = parts, Relations()
        self._growing = Growing("w:numbering")
        self._known: defaultdict[Canon, list[int]] = defaultdict(list)
        self._next = {_PICTURE: 0, _ABSTRACT: 0, _NUM: 1}
        part = base.related("numbering")
        if part:
            self._take(base, part)

    def _take(self, base: Source, part: str) -> None:
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

    def _relink(self, element: Element, source: Source, part: str) -> None:
        """Take the pictures of bullets over."""
        relations = source.relations(part)
        for user in element.iter("{*}imagedata"):
            for name, number in user.attrib.items():
                if number in relations:
                    relation = relations[str(number)]
                    target = self._parts.copied(source, relation.target)
                    user.set(name, self._relations.id_of(relation._replace(target=target)))

    def abstract_of(
        self, abstract: Element, source: Source, part: str, taken: AbstractSet[int]
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
        known = self._known[(abstract, *map(canon, overrides))]
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

    def part(self) -> tuple[bytes, Links]:
        """The bytes of the part, and what it leads to."""
        return self._growing.data(), self._relations.links


def _key(element: Element) -> Canon:
    """What an element says of how to count: neither its number nor what it is called."""
    if element.tag == W + "num":
        overrides = map(canon, element.iterchildren(W + "lvlOverride"))
        return (int(value(element, "abstractNumId") or 0), *overrides)
    own = deepcopy(element)
    for user in own.iter("*"):
        for name in _IDS:
            user.attrib.pop(name, None)
    return canon(own, frozenset(_NAMES))
