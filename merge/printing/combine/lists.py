"""A letter's lists, started anew in the whole (ECMA-376 part 1, 17.3.1.19, 17.9).

Lists that count get a w:num for this letter alone. Those that only mark share theirs, so that the
number of lists, which Word limits, grows no more than it must.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass

from merge.printing.combine.markup import VAL, W, made, own, properties, value
from merge.printing.combine.numbering import Num, Numbering
from merge.printing.combine.source import Source
from merge.printing.combine.styles import defaults_by_kind, style_chain
from merge.printing.combine.theme import Theme
from merge.tags import Element

_ALIKE = {W + "start": W + "left", W + "end": W + "right"}
_FIRST = {W + "firstLine": W + "hanging", W + "hanging": W + "firstLine"}


@dataclass(frozen=True, slots=True)
class _ByStyle:
    """How a style numbers its paragraphs, and the indents that it says itself."""

    num: Num
    level: int
    indents: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Item:
    """A paragraph in a list. `style` is there where the list comes with its style."""

    paragraph: Element
    num: Num
    level: int
    style: _ByStyle | None = None


class OwnLists:
    """A letter's lists, and what they are called in the whole."""

    def __init__(
        self, source: Source, styles: Element, theme: Theme | None, whole: Numbering
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
            self._nums = _nums(root)
        own = {str(e.get(W + "styleId")): e for e in styles.iterchildren(W + "style")}
        found = {name: self._of_style(list(style_chain(own, name))) for name in own}
        self._by_style = {name: by_style for name, by_style in found.items() if by_style}
        self._default = defaults_by_kind(styles)["paragraph"]
        self._counts = any(num.counts(level) for num in self._nums.values() for level in range(9))

    def _of_style(self, chain: Sequence[Element]) -> _ByStyle | None:
        """What a style's paragraphs are numbered by; None where they are not."""
        level, indents = None, dict[str, str]()
        for depth, style in enumerate(chain, 1):
            said = style.find(W + "pPr")
            numbering = None if said is None else said.find(W + "numPr")
            indents = {**_indents(said), **indents}
            level = value(numbering, "ilvl") if level is None else level
            number = value(numbering, "numId")
            if number is not None:
                num = self._nums.get(number)
                linked = (
                    [num.level_of(str(s.get(W + "styleId"))) for s in chain[:depth]] if num else []
                )
                at = next((n for n in linked if n is not None), int(level or 0))
                return _ByStyle(num, at, indents) if num else None
        return None

    def renumber(self, roots: Sequence[Element], *, alike: bool, anew: bool = True) -> None:
        """Call the lists of a letter's parts as they are called in the whole.

        `alike` says that they are those of the base: what only marks stays. With `anew` those
        that count start again.
        """
        if not self._nums or (alike and not self._counts):
            return
        items = [item for root in roots for item in self._items(root)]
        counting = {i.num.abstract for i in items if anew and i.num.counts(i.level)}
        made_anew: dict[str, int] = {}
        begun: set[Element] = set()
        for item in items:
            num = item.num
            if num.abstract not in counting:
                if not alike:
                    _write(item, self._shared(num))
                continue
            if num.id not in made_anew:
                made_anew[num.id] = self._anew(num, begun=num.abstract in begun)
                begun.add(num.abstract)
            _write(item, made_anew[num.id])

    def _abstract(self, num: Num) -> int:
        if num.abstract not in self._abstracts:
            found = self._whole.abstract_of(num.abstract, self._source, self._part)
            self._abstracts[num.abstract] = found
        return self._abstracts[num.abstract]

    def _shared(self, num: Num) -> int:
        overrides = [deepcopy(e) for e in num.overrides.values()]
        root = num.abstract.getroottree().getroot()
        return self._whole.shared_num(self._abstract(num), overrides, root)

    def _anew(self, num: Num, *, begun: bool) -> int:
        """A list for one letter; the first that counts by its definition starts again."""
        overrides = [deepcopy(e) for e in num.overrides.values()] if begun else num.restarted()
        root = num.abstract.getroottree().getroot()
        return self._whole.new_num(self._abstract(num), overrides, root)

    def _items(self, root: Element) -> Iterator[_Item]:
        for paragraph in root.iter(W + "p"):
            said = paragraph.find(W + "pPr")
            direct = None if said is None else said.find(W + "numPr")
            number, level = value(direct, "numId"), value(direct, "ilvl")
            by_style = self._by_style.get(value(said, "pStyle") or self._default)
            if number is not None:
                if number in self._nums:
                    yield _Item(paragraph, self._nums[number], int(level or 0))
            elif by_style:
                own_level = by_style.level if level is None else int(level)
                yield _Item(paragraph, by_style.num, own_level, by_style)


def _nums(root: Element) -> dict[str, Num]:
    """The lists by their numbers; a list that is kept in a style is looked up there (17.9.21)."""
    abstracts = {e.get(W + "abstractNumId"): e for e in root.iterchildren(W + "abstractNum")}
    kept = {value(e, "styleLink"): e for e in abstracts.values()}
    found = {}
    for num in root.iterchildren(W + "num"):
        abstract = abstracts.get(value(num, "abstractNumId"))
        link = value(abstract, "numStyleLink")
        abstract = kept.get(link, abstract) if link else abstract
        if abstract is not None:
            overrides = {str(e.get(W + "ilvl")): e for e in num.iterchildren(W + "lvlOverride")}
            number = str(num.get(W + "numId"))
            found[number] = Num(number, abstract, overrides)
    return found


def _indents(said: Element | None) -> dict[str, str]:
    """The indents that properties say, under the older of two names (17.3.1.12)."""
    element = None if said is None else said.find(W + "ind")
    if element is None:
        return {}
    return {_ALIKE.get(str(name), str(name)): str(text) for name, text in element.attrib.items()}


def _write(item: _Item, number: int) -> None:
    """Say at a paragraph which list it is in.

    What is said there goes before the style's own indents, so these are said there as well.
    """
    said = properties(item.paragraph, "pPr")
    numbering = own(said, "numPr")
    for name, text in (("ilvl", item.level), ("numId", number)):
        old = numbering.find(W + name)
        if old is None:
            old = numbering.makeelement(W + name)
            numbering.insert(int(name == "numId"), old)
        old.set(VAL, str(text))
    if item.style and item.style.indents:
        direct = _indents(said)
        usual = {n: t for n, t in item.style.indents.items() if _FIRST.get(n) not in direct}
        made(said, "ind").attrib.update({**usual, **direct})
