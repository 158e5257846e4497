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
    SETTINGS_ORDER,
    Element,
    R,
    W,
    child_value,
    ensure_properties,
    is_on,
    parse_xml,
    remove,
    set_child,
)
from merge.printing.combine.letter_parts import PartBuilder
from merge.printing.combine.lists import LetterLists, TargetLists
from merge.printing.combine.styles import (
    LetterStyles,
    TargetStyles,
    Theme,
    read_theme,
    uses_theme_colours,
)

_FORMAT_PARTS = ("styles", "numbering", "theme", "settings", "fontTable")
_MAX_FORMATS = 16  # Formats that are kept: a letter saved by another program has one of its own
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
    lost_settings: tuple[str, ...] = ()
    styles_with_tab_stops: frozenset[str] = frozenset()

    def rename_styles(self, root: Element) -> None:
        """Name the styles in a part by their ids in the combined file, and the theme's fonts."""
        if self.theme:
            self.theme.resolve(root)
        self.styles.rename_styles(root)

    def renumber(self, roots: Sequence[Element], *, restart: bool = True) -> None:
        """Write the lists of a letter's parts at their paragraphs, started again or not."""
        self.lists.renumber(roots, same_format=self.number == 0, restart=restart)


class FormatRegistry:
    """The formats of all letters, and what the combined file has of them."""

    def __init__(self, base: SourceDocument, parts: PackageBuilder) -> None:
        self._numbers = count(1)
        self.settings = _parse_part(base, "settings")
        self.fonts = FontTable(parts)
        self.numbering = TargetLists(base, parts)
        self._theme = read_theme(base.related_bytes("theme"), self.settings)
        styles = _parse_part(base, "styles")
        lists = LetterLists(base, styles, None, self.numbering)
        self.styles = TargetStyles(deepcopy(styles), self._theme)
        self.fonts.add(base)
        own = LetterStyles(styles, self._theme, self.styles)
        self._base_key = _format_key(base)
        self._base_format = LetterFormat(0, self.settings, lists, own)
        self._formats: OrderedDict[_FormatKey, LetterFormat] = OrderedDict()

    def format_of(self, source: SourceDocument) -> LetterFormat:
        """Return a letter's format."""
        key = _format_key(source)
        if key == self._base_key:
            return self._base_format
        if key not in self._formats:
            self._formats[key] = self._read_format(source)
            if len(self._formats) > _MAX_FORMATS:
                self._formats.popitem(last=False)
        return self._formats[key]

    def _read_format(self, source: SourceDocument) -> LetterFormat:
        self.fonts.add(source)
        settings, styles = _parse_part(source, "settings"), _parse_part(source, "styles")
        has_settings = source.related_part("settings")
        lost = tuple(_lost_settings(settings, self.settings, styles)) if has_settings else ()
        if is_on(self.settings, _HYPHENATION) and not is_on(settings, _HYPHENATION):
            # LibreOffice lets words be divided in every letter that it saves: so the styles of a
            # letter in which they are not must say so.
            usual = styles
            for name in _DEFAULT_PROPERTIES_PATH:
                usual = ensure_properties(usual, name)
            set_child(usual, _NO_HYPHENATION)
        theme = read_theme(source.related_bytes("theme"), settings)
        other = theme if theme != self._theme else None
        return LetterFormat(
            number=next(self._numbers),
            settings=settings,
            lists=LetterLists(source, styles, other, self.numbering),
            styles=LetterStyles(styles, theme, self.styles),
            theme=other,
            lost_settings=lost,
            styles_with_tab_stops=frozenset(_styles_with_tab_stops(styles)),
        )

    def find_losses(self, own: LetterFormat, roots: Sequence[Element]) -> tuple[str, ...]:
        """Return what a letter cannot keep of its format, in a person's words."""
        found, theme = list(own.lost_settings), own.theme
        width, usual = (
            child_value(e, "defaultTabStop") or _DEFAULT_TAB_WIDTH
            for e in (own.settings, self.settings)
        )
        if width != usual and _uses_default_tab_stops(roots[0], own.styles_with_tab_stops):
            found.append("width of tabs")
        if theme and theme.colours != self._theme.colours and any(map(uses_theme_colours, roots)):
            found.append("colours of the theme in shapes")
        return tuple(found)


def _styles_with_tab_stops(styles: Element) -> Iterator[str]:
    """Yield the ids of the styles of paragraphs that set tab stops."""
    for style in styles.iter(W + "style"):
        if style.find(f"{W}pPr/{W}tabs") is not None:
            yield str(style.get(W + "styleId"))


def _uses_default_tab_stops(root: Element, stopped: frozenset[str]) -> bool:
    """Return whether a part has tabs in a paragraph whose style does not say where they end."""
    paragraphs = (tab.iterancestors(W + "p") for tab in root.iterfind(f".//{W}r/{W}tab"))
    holders = (next(above, None) for above in paragraphs)
    return any(
        holder is None or child_value(holder, f"pPr/{W}pStyle") not in stopped for holder in holders
    )


def _parse_part(source: SourceDocument, word: str) -> Element:
    """Return the root of a part; one that says nothing where the letter has no such part."""
    root = parse_xml(source.related_bytes(word) or f'<w:{word} xmlns:w="{W[1:-1]}"/>'.encode())
    if root is None:
        raise source.damaged_error(f"its {word} cannot be read")
    return root


def _format_key(source: SourceDocument) -> _FormatKey:
    """Return the parts that a format stands in, as they lie in the zip, with those they lead to."""
    parts = [part for word in _FORMAT_PARTS if (part := source.related_part(word))]
    leading = (source.relationships(part).items() for part in parts)
    links = [(number, relation.target) for found in leading for number, relation in found]
    named = [*((part, part) for part in parts), *links]
    return tuple((name, source.members.get(part)) for name, part in named)


# Settings (ECMA-376 part 1, 17.15.1): those of the base hold for the combined file, and what a
# letter loses by it is reported.

_REWRITTEN_SETTINGS = {W + name for name in ("footnotePr", "evenAndOddHeaders")}
_KEPT_SETTINGS = {W + name for name in SETTINGS_ORDER} - _REWRITTEN_SETTINGS
_PAGE_SETTINGS = {
    "mirrorMargins": "mirrored margins",
    "gutterAtTop": "gutter at the top",
    "bookFoldPrinting": "book fold",
    "printTwoOnOne": "two pages a sheet",
}
"""Settings that hold for all pages of a file, as a person knows them."""

_HYPHENATION, _NO_HYPHENATION = "autoHyphenation", "suppressAutoHyphens"
_DEFAULT_PROPERTIES_PATH = ("docDefaults", "pPrDefault", "pPr")
_DEFAULT_TAB_WIDTH = "720"


def _lost_settings(own: Element, base: Element, styles: Element) -> Iterator[str]:
    """Yield what a letter's settings say otherwise than those of the base, in a person's words."""
    if _compatibility_mode(own) != _compatibility_mode(base):
        yield "compatibility mode of Word"
    if not is_on(base, _HYPHENATION) and is_on(own, _HYPHENATION):
        usual = styles.find("/".join(W + name for name in _DEFAULT_PROPERTIES_PATH))
        if not is_on(usual, _NO_HYPHENATION):
            yield "hyphenation"
    for name, words in _PAGE_SETTINGS.items():
        if is_on(own, name) != is_on(base, name):
            yield words


def _compatibility_mode(settings: Element) -> str:
    """Return the version of Word whose layout holds; 12, Word 2007's, where none is named."""
    for setting in settings.iter(W + "compatSetting"):
        if setting.get(W + "name") == "compatibilityMode":
            return str(setting.get(W + "val"))
    return "12"


def settings_part(base: Element, *, even_and_odd: bool, notes: bool) -> bytes:
    """Return the bytes of the settings of the combined file, made of those of its base."""
    for child in [e for e in base if e.tag not in _KEPT_SETTINGS]:
        remove(child)
    if even_and_odd:
        set_child(base, "evenAndOddHeaders")
    if notes:
        listed = set_child(base, "footnotePr")
        for number in ("-1", "0"):
            listed.append(listed.makeelement(W + "footnote", {W + "id": number}))
    growing = PartBuilder("w:settings")
    growing.add(base, list(base))
    return growing.to_bytes()


class FontTable:
    """The fonts of the combined file (17.8.3), each by its name once, with its face if embedded."""

    def __init__(self, parts: PackageBuilder) -> None:
        self._parts, self._relations = parts, RelationshipIds()
        self._names: set[str] = set()
        self._part_builder = PartBuilder("w:fonts")

    def add(self, source: SourceDocument) -> None:
        """Add what a letter says of fonts that are not known yet."""
        part = source.related_part("fontTable")
        if not part:
            return
        root, relations = source.parse_part(part), source.relationships(part)
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
                target = self._parts.copy_part(source, relation.target)
                face.set(R + "id", self._relations.id_of(relation._replace(target=target)))
        self._part_builder.add(root, root.findall(W + "font"))

    def part(self) -> tuple[bytes, PartRelationships]:
        """Return the bytes of the part, and its relationships."""
        return self._part_builder.to_bytes(), self._relations.relationships
