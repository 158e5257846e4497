"""Formats of letters: their styles, lists, fonts, theme and settings, and what each becomes.

Most letters have the format of the base, and nothing of theirs needs another name.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from itertools import count
from typing import TypeAlias

from merge.ooxml.container import Member
from merge.ooxml.package_builder import PackageBuilder, RelationshipIds, SourceDocument
from merge.ooxml.relationships import PartRelationships
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
_MOST = 16  # Formats that are kept: a letter saved by another program has one of its own
_FormatKey: TypeAlias = tuple[tuple[str, Member | None], ...]


@dataclass(frozen=True, slots=True)
class LetterFormat:
    """The format of a letter. `theme` is None where it is that of the base.

    `number` is another one for each format, 0 for that of the base. `lost` is what the letter
    cannot keep of its settings, in a person's words. `stopped` are the ids of the styles that set
    tab stops.
    """

    number: int
    settings: Element
    lists: LetterLists
    styles: LetterStyles
    theme: Theme | None = None
    lost: tuple[str, ...] = ()
    stopped: frozenset[str] = frozenset()

    def rename(self, root: Element) -> None:
        """Name the styles in a part by their ids in the combined file, and the theme's fonts."""
        if self.theme:
            self.theme.resolve(root)
        self.styles.rename(root)

    def renumber(self, roots: Sequence[Element], *, restart: bool = True) -> None:
        """Write the lists of a letter's parts at their paragraphs, started again or not."""
        self.lists.renumber(roots, same_format=self.number == 0, restart=restart)


class FormatRegistry:
    """The formats of all letters, and what the combined file has of them."""

    def __init__(self, base: SourceDocument, parts: PackageBuilder) -> None:
        self._numbers = count(1)
        self.settings = _parsed(base, "settings")
        self.fonts = FontTable(parts)
        self.numbering = TargetLists(base, parts)
        self._theme = theme_of(base.bytes_of("theme"), self.settings)
        styles = _parsed(base, "styles")
        lists = LetterLists(base, styles, None, self.numbering)
        self.styles = TargetStyles(deepcopy(styles), self._theme)
        self.fonts.add(base)
        own = LetterStyles(styles, self._theme, self.styles)
        self._base = _format_key(base)
        self._base_format = LetterFormat(0, self.settings, lists, own)
        self._known: OrderedDict[_FormatKey, LetterFormat] = OrderedDict()

    def of(self, source: SourceDocument) -> LetterFormat:
        """Return a letter's format."""
        key = _format_key(source)
        if key == self._base:
            return self._base_format
        if key not in self._known:
            self._known[key] = self._new(source)
            if len(self._known) > _MOST:
                self._known.popitem(last=False)
        return self._known[key]

    def _new(self, source: SourceDocument) -> LetterFormat:
        self.fonts.add(source)
        settings, styles = _parsed(source, "settings"), _parsed(source, "styles")
        has_settings = source.related("settings")
        lost = tuple(_lost_settings(settings, self.settings, styles)) if has_settings else ()
        if is_on(self.settings, _HYPHENS) and not is_on(settings, _HYPHENS):
            # LibreOffice lets words be divided in every letter that it saves: so the styles of a
            # letter in which they are not must say so.
            usual = styles
            for name in _DEFAULTS:
                usual = properties(usual, name)
            set_child(usual, _NO_HYPHENS)
        theme = theme_of(source.bytes_of("theme"), settings)
        other = theme if theme != self._theme else None
        return LetterFormat(
            number=next(self._numbers),
            settings=settings,
            lists=LetterLists(source, styles, other, self.numbering),
            styles=LetterStyles(styles, theme, self.styles),
            theme=other,
            lost=lost,
            stopped=frozenset(_styles_with_stops(styles)),
        )

    def lost(self, own: LetterFormat, roots: Sequence[Element]) -> tuple[str, ...]:
        """Return what a letter cannot keep of its format, in a person's words."""
        found, theme = list(own.lost), own.theme
        width, usual = (
            child_value(e, "defaultTabStop") or _USUAL_TAB for e in (own.settings, self.settings)
        )
        if width != usual and _uses_usual_tabs(roots[0], own.stopped):
            found.append("width of tabs")
        if theme and theme.colours != self._theme.colours and any(map(uses_colours, roots)):
            found.append("colours of the theme in shapes")
        return tuple(found)


def _styles_with_stops(styles: Element) -> Iterator[str]:
    """Yield the ids of the styles of paragraphs that set tab stops."""
    for style in styles.iter(W + "style"):
        if style.find(f"{W}pPr/{W}tabs") is not None:
            yield str(style.get(W + "styleId"))


def _uses_usual_tabs(root: Element, stopped: frozenset[str]) -> bool:
    """Return whether a part has tabs in a paragraph whose style does not say where they end."""
    paragraphs = (tab.iterancestors(W + "p") for tab in root.iterfind(f".//{W}r/{W}tab"))
    holders = (next(above, None) for above in paragraphs)
    return any(
        holder is None or child_value(holder, f"pPr/{W}pStyle") not in stopped for holder in holders
    )


def _parsed(source: SourceDocument, word: str) -> Element:
    """Return the root of a part; one that says nothing where the letter has no such part."""
    root = parse_xml(source.bytes_of(word) or f'<w:{word} xmlns:w="{W[1:-1]}"/>'.encode())
    if root is None:
        raise source.damaged(f"its {word} cannot be read")
    return root


def _format_key(source: SourceDocument) -> _FormatKey:
    """Return the parts that a format stands in, as they lie in the zip, with those they lead to."""
    parts = [part for word in _PARTS if (part := source.related(word))]
    leading = (source.relationships(part).items() for part in parts)
    links = [(number, relation.target) for found in leading for number, relation in found]
    named = [*((part, part) for part in parts), *links]
    return tuple((name, source.members.get(part)) for name, part in named)


# Settings (ECMA-376 part 1, 17.15.1): those of the base hold for the combined file, and what a
# letter loses by it is reported.

_RESTATED = {W + name for name in ("footnotePr", "evenAndOddHeaders")}
_KEPT = {W + name for name in SETTINGS} - _RESTATED
_OF_ALL_PAGES = {
    "mirrorMargins": "mirrored margins",
    "gutterAtTop": "gutter at the top",
    "bookFoldPrinting": "book fold",
    "printTwoOnOne": "two pages a sheet",
}
"""Settings that hold for all pages of a file, as a person knows them."""

_HYPHENS, _NO_HYPHENS = "autoHyphenation", "suppressAutoHyphens"
_DEFAULTS = ("docDefaults", "pPrDefault", "pPr")
_USUAL_TAB = "720"


def _lost_settings(own: Element, base: Element, styles: Element) -> Iterator[str]:
    """Yield what a letter's settings say otherwise than those of the base, in a person's words."""
    if _mode(own) != _mode(base):
        yield "compatibility mode of Word"
    if not is_on(base, _HYPHENS) and is_on(own, _HYPHENS):
        usual = styles.find("/".join(W + name for name in _DEFAULTS))
        if not is_on(usual, _NO_HYPHENS):
            yield "hyphenation"
    for name, words in _OF_ALL_PAGES.items():
        if is_on(own, name) != is_on(base, name):
            yield words


def _mode(settings: Element) -> str:
    """Return the version of Word whose layout holds; 12, Word 2007's, where none is named."""
    for setting in settings.iter(W + "compatSetting"):
        if setting.get(W + "name") == "compatibilityMode":
            return str(setting.get(W + "val"))
    return "12"


def settings_part(base: Element, *, even_and_odd: bool, notes: bool) -> bytes:
    """Return the bytes of the settings of the combined file, made of those of its base."""
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
    """The fonts of the combined file (17.8.3), each by its name once, with its face if embedded."""

    def __init__(self, parts: PackageBuilder) -> None:
        self._parts, self._relations = parts, RelationshipIds()
        self._names: set[str] = set()
        self._growing = PartBuilder("w:fonts")

    def add(self, source: SourceDocument) -> None:
        """Add what a letter says of fonts that are not known yet."""
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
        """Return the bytes of the part, and its relationships."""
        return self._growing.data(), self._relations.links
