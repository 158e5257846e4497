"""How letters look: their styles, lists, fonts and theme, and what they are called in the whole.

Most letters look as the base does, and nothing of theirs needs another name.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from itertools import count
from typing import TypeAlias

from merge.ooxml.package import (
    Member,
    PackageBuilder,
    PartRelationships,
    RelationshipIds,
    SourceDocument,
)
from merge.ooxml.wordml import (
    SETTINGS,
    Element,
    R,
    W,
    child_value,
    is_on,
    parse_xml,
    properties,
    remove,
    set_child,
)
from merge.printing.combine.lists import LetterLists, TargetLists
from merge.printing.combine.package import PartBuilder
from merge.printing.combine.styles import LetterStyles, TargetStyles, Theme, theme_of, uses_colours

_PARTS = ("styles", "numbering", "theme", "settings", "fontTable")
_MOST = 16
"""Looks that are kept: a letter saved by another program has one of its own."""

_FormatKey: TypeAlias = tuple[tuple[str, Member | None], ...]

_NO_STYLES = f'<w:styles xmlns:w="{W[1:-1]}"/>'.encode()


@dataclass(frozen=True, slots=True)
class LetterFormat:
    """What a letter looks like. `theme` is None where it is that of the base.

    `number` is another one for each look, 0 for that of the base. `lost` is what the letter cannot
    keep of its settings, in a person's words.
    """

    number: int
    settings: Element
    lists: LetterLists
    styles: LetterStyles
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


class FormatRegistry:
    """The looks of all letters, and what the whole has of them."""

    def __init__(self, base: SourceDocument, parts: PackageBuilder) -> None:
        self._numbers = count(1)
        self.settings = settings_of(base)
        self.fonts = FontTable(parts)
        self.numbering = TargetLists(base, parts)
        self._theme = theme_of(base.bytes_of("theme"), self.settings)
        styles = _styles(base)
        lists = LetterLists(base, styles, None, self.numbering)
        self.styles = TargetStyles(deepcopy(styles), self._theme)
        self.fonts.add(base)
        own = LetterStyles(styles, self._theme, self.styles)
        self._base, self._base_look = _format_key(base), LetterFormat(0, self.settings, lists, own)
        self._known: OrderedDict[_FormatKey, LetterFormat] = OrderedDict()

    def of(self, source: SourceDocument) -> LetterFormat:
        """What a piece looks like."""
        packed = _format_key(source)
        if packed == self._base:
            return self._base_look
        if packed not in self._known:
            self._known[packed] = self._new(source)
            if len(self._known) > _MOST:
                self._known.popitem(last=False)
        return self._known[packed]

    def _new(self, source: SourceDocument) -> LetterFormat:
        self.fonts.add(source)
        settings, styles = settings_of(source), _styles(source)
        told = (
            tuple(lost_settings(settings, self.settings, styles))
            if source.related("settings")
            else ()
        )
        forbid_hyphens(settings, self.settings, styles)
        theme = theme_of(source.bytes_of("theme"), settings)
        other = theme if theme != self._theme else None
        return LetterFormat(
            next(self._numbers),
            settings,
            LetterLists(source, styles, other, self.numbering),
            LetterStyles(styles, theme, self.styles),
            other,
            told,
        )

    def lost(self, look: LetterFormat, roots: Sequence[Element]) -> tuple[str, ...]:
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


def _styles(source: SourceDocument) -> Element:
    root = parse_xml(source.bytes_of("styles") or _NO_STYLES)
    if root is None:
        raise source.damaged("its styles cannot be read")
    return root


def _format_key(source: SourceDocument) -> _FormatKey:
    """The parts that a look stands in, as they lie in the zip, and those that they lead to."""
    parts = [part for word in _PARTS if (part := source.related(word))]
    leading = (source.relationships(part).items() for part in parts)
    links = [(number, relation.target) for found in leading for number, relation in found]
    named = [*((part, part) for part in parts), *links]
    return tuple((name, source.members.get(part)) for name, part in named)


# Settings and fonts: those of the base hold for the whole; what a letter loses by it is told.
#
# ECMA-376 part 1, 17.15.1 (settings), 17.8.3 (fonts).


_ANEW = {W + name for name in ("footnotePr", "evenAndOddHeaders")}
_KEPT = {W + name for name in SETTINGS} - _ANEW
_WHOLE = {
    "mirrorMargins": "mirrored margins",
    "gutterAtTop": "gutter at the top",
    "bookFoldPrinting": "book fold",
    "printTwoOnOne": "two pages a sheet",
}
"""Settings that hold for all pages of a file, as a person knows them."""

_HYPHENS, _NO_HYPHENS = "autoHyphenation", "suppressAutoHyphens"
_DEFAULTS = ("docDefaults", "pPrDefault", "pPr")

_USUAL_TAB = "720"
_EMPTY = f'<w:settings xmlns:w="{W[1:-1]}"/>'.encode()


def settings_of(source: SourceDocument) -> Element:
    """A piece's settings; some that say nothing where it has none."""
    root = parse_xml(source.bytes_of("settings") or _EMPTY)
    if root is None:
        raise source.damaged("its settings cannot be read")
    return root


def lost_settings(own: Element, base: Element, styles: Element) -> Iterator[str]:
    """What a letter's settings say otherwise than those of the base, in a person's words."""
    if _mode(own) != _mode(base):
        yield "compatibility mode of Word"
    if not is_on(base, _HYPHENS) and is_on(own, _HYPHENS) and not _has_no_hyphens(styles):
        yield "hyphenation"
    yield from (words for name, words in _WHOLE.items() if is_on(own, name) != is_on(base, name))


def forbid_hyphens(own: Element, base: Element, styles: Element) -> None:
    """Let a letter's styles say that no words are divided, where that of the base are.

    LibreOffice does so by itself: it lets words be divided in every letter that it saves.
    """
    if is_on(base, _HYPHENS) and not is_on(own, _HYPHENS):
        usual = styles
        for name in _DEFAULTS:
            usual = properties(usual, name)
        set_child(usual, _NO_HYPHENS)


def _has_no_hyphens(styles: Element) -> bool:
    usual = styles.find("/".join(W + name for name in _DEFAULTS))
    return is_on(usual, _NO_HYPHENS)


def has_other_tabs(own: Element, base: Element, body: Element) -> bool:
    """Whether a letter's tabs are of another width than those of the base, and it uses any."""
    width, usual = (child_value(e, "defaultTabStop") or _USUAL_TAB for e in (own, base))
    return width != usual and body.find(f".//{W}r/{W}tab") is not None


def _mode(settings: Element) -> str:
    """The version of Word whose layout holds; 12, Word 2007's, where none is named."""
    for setting in settings.iter(W + "compatSetting"):
        if setting.get(W + "name") == "compatibilityMode":
            return str(setting.get(W + "val"))
    return "12"


def settings_part(base: Element, *, even_and_odd: bool, notes: bool) -> bytes:
    """The bytes of the settings of the whole."""
    for child in [e for e in base if e.tag not in _KEPT]:
        remove(child)
    if even_and_odd:
        set_child(base, "evenAndOddHeaders")
    if notes:
        listed = set_child(base, "footnotePr")
        for number in ("-1", "0"):
            listed.append(listed.makeelement(W + "footnote", {W + "id": number}))
    growing = PartBuilder("w:settings")
    growing.add(base, list(base))
    return growing.data()


class FontTable:
    """What the whole says of fonts: each by its name once, with the face itself if it is there."""

    def __init__(self, parts: PackageBuilder) -> None:
        self._parts, self._relations = parts, RelationshipIds()
        self._names: set[str] = set()
        self._growing = PartBuilder("w:fonts")

    def add(self, source: SourceDocument) -> None:
        """Take in what a piece says of fonts that are not known yet."""
        part = source.related("fontTable")
        if not part:
            return
        root, relations = source.parsed(part), source.relationships(part)
        for font in root.findall(W + "font"):
            name = str(font.get(W + "name"))
            if name in self._names:
                remove(font)
            self._names.add(name)
            for face in [e for e in font if e.get(R + "id")]:
                relation = relations.get(str(face.get(R + "id")))
                if relation is None or relation.external:
                    remove(face)
                    continue
                target = self._parts.copied(source, relation.target)
                face.set(R + "id", self._relations.id_of(relation._replace(target=target)))
        self._growing.add(root, root.findall(W + "font"))

    def part(self) -> tuple[bytes, PartRelationships]:
        """The bytes of the part, and what it leads to."""
        return self._growing.data(), self._relations.links
