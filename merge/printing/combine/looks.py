"""How letters look: their styles, lists, fonts and theme, and what they are called in the whole.

Most letters look as the base does, and nothing of theirs needs another name.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from itertools import count
from typing import TypeAlias

from merge.ooxml.package import Member, Parts, Source
from merge.ooxml.wordml import Element, W, parse_xml
from merge.printing.combine.lists import OwnLists
from merge.printing.combine.numbering import Numbering
from merge.printing.combine.settings import Fonts, forbid_hyphens, has_other_tabs, lost, settings_of
from merge.printing.combine.styles import OwnStyles, Styles
from merge.printing.combine.theme import Theme, theme_of, uses_colours

_PARTS = ("styles", "numbering", "theme", "settings", "fontTable")
_MOST = 16
"""Looks that are kept: a letter saved by another program has one of its own."""

_Packed: TypeAlias = tuple[tuple[str, Member | None], ...]

_NO_STYLES = f'<w:styles xmlns:w="{W[1:-1]}"/>'.encode()


@dataclass(frozen=True, slots=True)
class Look:
    """What a letter looks like. `theme` is None where it is that of the base.

    `number` is another one for each look, 0 for that of the base. `lost` is what the letter cannot
    keep of its settings, in a person's words.
    """

    number: int
    settings: Element
    lists: OwnLists
    styles: OwnStyles
    theme: Theme | None = None
    lost: tuple[str, ...] = ()

    def rename(self, root: Element) -> None:
        """Call the styles of a part as they are called in the whole, and the theme's fonts too."""
        if self.theme:
            self.theme.resolve(root)
        self.styles.rename(root)

    def renumber(self, roots: Sequence[Element], *, anew: bool = True) -> None:
        """Let the lists of a letter's parts start again, or not."""
        self.lists.renumber(roots, alike=self.number == 0, anew=anew)


class Looks:
    """The looks of all letters, and what the whole has of them."""

    def __init__(self, base: Source, parts: Parts) -> None:
        self._numbers = count(1)
        self.settings = settings_of(base)
        self.fonts = Fonts(parts)
        self.numbering = Numbering(base, parts)
        self._theme = theme_of(base.bytes_of("theme"), self.settings)
        styles = _styles(base)
        lists = OwnLists(base, styles, None, self.numbering)
        self.styles = Styles(deepcopy(styles), self._theme)
        self.fonts.add(base)
        own = OwnStyles(styles, self._theme, self.styles)
        self._base, self._base_look = _packed(base), Look(0, self.settings, lists, own)
        self._known: OrderedDict[_Packed, Look] = OrderedDict()

    def of(self, source: Source) -> Look:
        """What a piece looks like."""
        packed = _packed(source)
        if packed == self._base:
            return self._base_look
        if packed not in self._known:
            self._known[packed] = self._new(source)
            if len(self._known) > _MOST:
                self._known.popitem(last=False)
        return self._known[packed]

    def _new(self, source: Source) -> Look:
        self.fonts.add(source)
        settings, styles = settings_of(source), _styles(source)
        told = tuple(lost(settings, self.settings, styles)) if source.related("settings") else ()
        forbid_hyphens(settings, self.settings, styles)
        theme = theme_of(source.bytes_of("theme"), settings)
        other = theme if theme != self._theme else None
        return Look(
            next(self._numbers),
            settings,
            OwnLists(source, styles, other, self.numbering),
            OwnStyles(styles, theme, self.styles),
            other,
            told,
        )

    def lost(self, look: Look, roots: Sequence[Element]) -> tuple[str, ...]:
        """What a letter cannot keep of its look, in a person's words."""
        found = list(look.lost)
        if has_other_tabs(look.settings, self.settings, roots[0]):
            found.append("width of tabs")
        if (
            look.theme
            and look.theme.colours != self._theme.colours
            and any(map(uses_colours, roots))
        ):
            found.append("colours of the theme in shapes")
        return tuple(found)


def _styles(source: Source) -> Element:
    root = parse_xml(source.bytes_of("styles") or _NO_STYLES)
    if root is None:
        raise source.damaged("its styles cannot be read")
    return root


def _packed(source: Source) -> _Packed:
    """The parts that a look stands in, as they lie in the zip, and those that they lead to."""
    parts = [part for word in _PARTS if (part := source.related(word))]
    leading = (source.relations(part).items() for part in parts)
    links = [(number, relation.target) for found in leading for number, relation in found]
    named = [*((part, part) for part in parts), *links]
    return tuple((name, source.members.get(part)) for name, part in named)
