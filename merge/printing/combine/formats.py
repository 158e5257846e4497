"""Formats of letters: their styles, lists, fonts, theme and settings.

Most letters have the format of the base, so that nothing in them needs a new name.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from itertools import count
from typing import TypeAlias

from merge.ooxml.container import ZipMember
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
    LetterTheme,
    TargetStyles,
    read_theme,
    uses_theme_colours,
)

_FORMAT_PARTS = ("styles", "numbering", "theme", "settings", "fontTable")
_MAX_FORMATS = 16  # Formats in the cache: a letter saved by another program has its own format
_FormatKey: TypeAlias = tuple[tuple[str, ZipMember | None], ...]


@dataclass(frozen=True, slots=True)
class LetterFormat:
    """The format of a letter. `theme` is None if it is that of the base.

    `number` is different for each format, and 0 for that of the base. `lost_settings` are settings
    that the letter cannot keep, in words for users. `styles_with_tab_stops` are style IDs.
    """

    number: int
    settings: Element
    lists: LetterLists
    styles: LetterStyles
    theme: LetterTheme | None = None
    lost_settings: tuple[str, ...] = ()
    styles_with_tab_stops: frozenset[str] = frozenset()

    def rename_styles(self, root: Element) -> None:
        """Replace style IDs in a part by those of the combined file."""
        if self.theme:
            self.theme.resolve(root)
        self.styles.rename_styles(root)

    def renumber(self, roots: Sequence[Element], *, restart: bool = True) -> None:
        """Set the combined file's list numbers in the paragraphs of a letter."""
        self.lists.renumber(roots, same_format=self.number == 0, restart=restart)


class FormatRegistry:
    """The formats of all letters, with their styles and lists in the target."""

    def __init__(self, base: SourceDocument, parts: PackageBuilder) -> None:
        self._numbers = count(1)
        self.settings = read_format_part(base, "settings")
        self.fonts = FontTable(parts)
        self.numbering = TargetLists(base, parts)
        self._theme = read_theme(base.related_bytes("theme"), self.settings)
        styles = read_format_part(base, "styles")
        lists = LetterLists(base, styles, None, self.numbering)
        self.styles = TargetStyles(deepcopy(styles), self._theme)
        self.fonts.add(base)
        base_styles = LetterStyles(styles, self._theme, self.styles)
        self._base_key = _format_key(base)
        self._base_format = LetterFormat(0, self.settings, lists, base_styles)
        self._formats: OrderedDict[_FormatKey, LetterFormat] = OrderedDict()

    def format_of(self, source: SourceDocument) -> LetterFormat:
        """Return how to convert a letter's styles and lists for the combined file."""
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
        settings, styles = read_format_part(source, "settings"), read_format_part(source, "styles")
        has_settings = source.related_part("settings")
        lost_settings = (
            tuple(_lost_settings(settings, self.settings, styles)) if has_settings else ()
        )
        if is_on(self.settings, _HYPHENATION) and not is_on(settings, _HYPHENATION):
            # LibreOffice turns hyphenation on in every letter that it saves. So the styles of a
            # letter without hyphenation must turn it off.
            element = styles
            for name in _DEFAULT_PROPERTIES_PATH:
                element = ensure_properties(element, name)
            set_child(element, _NO_HYPHENATION)
        theme = read_theme(source.related_bytes("theme"), settings)
        own_theme = theme if theme != self._theme else None
        return LetterFormat(
            number=next(self._numbers),
            settings=settings,
            lists=LetterLists(source, styles, own_theme, self.numbering),
            styles=LetterStyles(styles, theme, self.styles),
            theme=own_theme,
            lost_settings=lost_settings,
            styles_with_tab_stops=frozenset(_styles_with_tab_stops(styles)),
        )

    def find_losses(self, letter_format: LetterFormat, roots: Sequence[Element]) -> tuple[str, ...]:
        """Return the settings that a letter loses, in words for users."""
        losses, theme = list(letter_format.lost_settings), letter_format.theme
        width, base_width = (
            child_value(settings, "defaultTabStop") or _DEFAULT_TAB_WIDTH
            for settings in (letter_format.settings, self.settings)
        )
        if width != base_width and _uses_default_tab_stops(
            roots[0], letter_format.styles_with_tab_stops
        ):
            losses.append("width of tabs")
        if theme and theme.colours != self._theme.colours and any(map(uses_theme_colours, roots)):
            losses.append("colours of the theme in shapes")
        return tuple(losses)


def _styles_with_tab_stops(styles: Element) -> Iterator[str]:
    """Yield the IDs of paragraph styles that set tab stops."""
    for style in styles.iter(W + "style"):
        if style.find(f"{W}pPr/{W}tabs") is not None:
            yield str(style.get(W + "styleId"))


def _uses_default_tab_stops(root: Element, stopped: frozenset[str]) -> bool:
    """Return whether a part has tabs whose paragraph style sets no tab stops."""
    paragraphs = (tab.iterancestors(W + "p") for tab in root.iterfind(f".//{W}r/{W}tab"))
    holders = (next(above, None) for above in paragraphs)
    return any(
        holder is None or child_value(holder, f"pPr/{W}pStyle") not in stopped for holder in holders
    )


def read_format_part(source: SourceDocument, word: str) -> Element:
    """Return the root of a letter's part, empty if the letter lacks the part."""
    root = parse_xml(source.related_bytes(word) or f'<w:{word} xmlns:w="{W[1:-1]}"/>'.encode())
    if root is None:
        raise source.damaged_error(f"its {word} cannot be read")
    return root


def _format_key(source: SourceDocument) -> _FormatKey:
    """Return a key that letters with the same format parts share."""
    parts = [part for word in _FORMAT_PARTS if (part := source.related_part(word))]
    relationships = (source.relationships(part).items() for part in parts)
    links = [(number, relation.target) for items in relationships for number, relation in items]
    targets = [*((part, part) for part in parts), *links]
    return tuple((name, source.members.get(part)) for name, part in targets)


# Settings (ECMA-376 part 1, 17.15.1): those of the base apply to the combined file. What a letter
# loses by this is reported.

_REWRITTEN_SETTINGS = {W + name for name in ("footnotePr", "evenAndOddHeaders")}
_KEPT_SETTINGS = {W + name for name in SETTINGS_ORDER} - _REWRITTEN_SETTINGS
_PAGE_SETTINGS = {
    "mirrorMargins": "mirrored margins",
    "gutterAtTop": "gutter at the top",
    "bookFoldPrinting": "book fold",
    "printTwoOnOne": "two pages a sheet",
}
"""Settings that apply to all pages of a file, in words for users."""

_HYPHENATION, _NO_HYPHENATION = "autoHyphenation", "suppressAutoHyphens"
_DEFAULT_PROPERTIES_PATH = ("docDefaults", "pPrDefault", "pPr")
_DEFAULT_TAB_WIDTH = "720"


def _lost_settings(settings: Element, base: Element, styles: Element) -> Iterator[str]:
    """Yield the settings of a letter that are lost, in words for users.

    They differ from those of the base.
    """
    if _compatibility_mode(settings) != _compatibility_mode(base):
        yield "compatibility mode of Word"
    if not is_on(base, _HYPHENATION) and is_on(settings, _HYPHENATION):
        default_properties = styles.find("/".join(W + name for name in _DEFAULT_PROPERTIES_PATH))
        if not is_on(default_properties, _NO_HYPHENATION):
            yield "hyphenation"
    for name, words in _PAGE_SETTINGS.items():
        if is_on(settings, name) != is_on(base, name):
            yield words


def _compatibility_mode(settings: Element) -> str:
    """Return the version of Word whose layout applies.

    It is 12, Word 2007's, if the settings have none.
    """
    for setting in settings.iter(W + "compatSetting"):
        if setting.get(W + "name") == "compatibilityMode":
            return str(setting.get(W + "val"))
    return "12"


def settings_part(base: Element, *, even_and_odd: bool, notes: bool) -> bytes:
    """Return the settings part of the combined file, from that of its base."""
    for child in [e for e in base if e.tag not in _KEPT_SETTINGS]:
        remove(child)
    if even_and_odd:
        set_child(base, "evenAndOddHeaders")
    if notes:
        note_properties = set_child(base, "footnotePr")
        for number in ("-1", "0"):
            note_properties.append(note_properties.makeelement(W + "footnote", {W + "id": number}))
    growing = PartBuilder("w:settings")
    growing.add(base, list(base))
    return growing.to_bytes()


class FontTable:
    """The fonts of the combined file (17.8.3), each once.

    An embedded font has its font file.
    """

    def __init__(self, parts: PackageBuilder) -> None:
        self._parts, self._relations = parts, RelationshipIds()
        self._names: set[str] = set()
        self._part_builder = PartBuilder("w:fonts")

    def add(self, source: SourceDocument) -> None:
        """Add a letter's fonts to the font table, if it lacks them."""
        part = source.related_part("fontTable")
        if not part:
            return
        root, relations = source.parse_part(part), source.relationships(part)
        for font in root.findall(W + "font"):
            name = str(font.get(W + "name"))
            if name in self._names:
                remove(font)
            self._names.add(name)
            for embedded in [e for e in font if e.get(R + "id")]:
                relation = relations.get(str(embedded.get(R + "id")))
                if relation is None or relation.external:
                    remove(embedded)
                    continue
                target = self._parts.copy_part(source, relation.target)
                embedded.set(R + "id", self._relations.id_of(relation._replace(target=target)))
        self._part_builder.add(root, root.findall(W + "font"))

    def part(self) -> tuple[bytes, PartRelationships]:
        """Return the font table's bytes, and the relationships of that part."""
        return self._part_builder.to_bytes(), self._relations.relationships
