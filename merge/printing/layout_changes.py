"""Differences in the layout of two versions of a letter.

Only what is certain is named: pictures, paper and margins that both files have, fonts and spacing
of paragraphs with the same text. A paragraph's own format comes first, then its styles, then the
defaults of the file (ECMA-376 part 1, 17.7.2).
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from functools import cached_property
from typing import Literal, NamedTuple

from merge.errors import StorageError
from merge.ooxml.package_builder import SourceDocument, SourceFile
from merge.ooxml.wordml import Element, W, child_value, parse_twips, parse_xml, texts_in
from merge.printing.combine.styles import defaults_by_kind, read_theme, style_chain
from merge.printing.paper import INCH, paper_size_of

_Side = Literal["top", "bottom", "left", "right"]
_TextItem = Literal["font", "size", "line", "before", "after"]
LayoutItem = Literal["paper", "pictures"] | _Side | _TextItem

_SIDES: tuple[_Side, ...] = ("top", "bottom", "left", "right")
_SPACES: tuple[Literal["before", "after"], ...] = ("before", "after")
_TWIPS_PER_POINT, _TWIPS_PER_LINE, _TWIPS_PER_INCH = 20, 240, 1440
_MIN_MARGIN_CHANGE = 1  # Millimetres, because programs round margins
_MAX_TWIPS = 31_680  # 22 inches, the largest measure that Word accepts
_MAX_FONT_NAME = 100


class LayoutChange(NamedTuple):
    """An item of the layout, with its value in the old and the new version.

    Pictures have no values.
    """

    item: LayoutItem
    old: str = ""
    new: str = ""


def layout_changes(old: bytes, new: bytes) -> list[LayoutChange]:
    """Return what differs in the layout of two versions of a letter.

    Return nothing if one of them is damaged, or has a value that Word does not accept.
    """
    try:
        return [*_changes(_Layout(old), _Layout(new))]
    except (StorageError, ValueError, OverflowError):
        return []


def _changes(before: _Layout, after: _Layout) -> Iterator[LayoutChange]:
    if before.paper and after.paper and before.paper != after.paper:
        yield LayoutChange("paper", before.paper, after.paper)
    for side, mm in before.margins.items():
        new_mm = after.margins.get(side, mm)
        if abs(new_mm - mm) >= _MIN_MARGIN_CHANGE:
            yield LayoutChange(side, f"{mm:.0f} mm", f"{new_mm:.0f} mm")
    yield from _text_changes(before, after)
    if before.pictures != after.pictures:
        yield LayoutChange("pictures")


def _text_changes(before: _Layout, after: _Layout) -> Iterator[LayoutChange]:
    """Yield the changes of fonts and spacing that most paragraphs have."""
    values = dict[_TextItem, Counter[tuple[str, str]]]()
    new_formats = after.text_formats
    for text, old_format in before.text_formats.items():
        for item, value in new_formats.get(text, {}).items():
            if old_format.get(item, value) != value:
                values.setdefault(item, Counter())[old_format[item], value] += 1
    for item, counts in values.items():
        ((pair, _),) = counts.most_common(1)
        yield LayoutChange(item, *pair)


class _Layout:
    """The layout of one version of a letter."""

    def __init__(self, data: bytes) -> None:
        self._source = SourceDocument(SourceFile("letter.docx", data))
        self._body = self._source.parse_part(self._source.main_part)
        styles = self._related("styles")
        theme = read_theme(self._source.related_bytes("theme"), self._related("settings"))
        for root in (self._body, styles):
            theme.resolve(root)
        self._styles = {str(e.get(W + "styleId")): e for e in styles.iterchildren(W + "style")}
        self._default_style = defaults_by_kind(styles)["paragraph"]
        self._defaults = [*styles.iter(W + "rPrDefault", W + "pPrDefault")]
        has_paper = next(self._body.iter(W + "pgSz"), None) is not None
        self.paper = paper_size_of(data).name if has_paper else ""

    def _related(self, kind: str) -> Element:
        """Return the root of a related part; an empty element if there is none."""
        root = parse_xml(self._source.related_bytes(kind) or b"<none/>")
        return self._body.makeelement("none") if root is None else root

    @property
    def margins(self) -> dict[_Side, float]:
        """The margins of the first section, in millimetres."""
        margins = next(self._body.iter(W + "pgMar"), None)
        texts = {side: "" if margins is None else margins.get(W + side) for side in _SIDES}
        return {
            side: _parse_twips(text) / _TWIPS_PER_INCH * INCH
            for side, text in texts.items()
            if text
        }

    @property
    def pictures(self) -> set[bytes]:
        """Hashes of all pictures, those of headers and footers included."""
        return {
            hashlib.sha256(member.data).digest()
            for name, member in self._source.members.items()
            if self._source.content_type(name).startswith("image/")
        }

    @cached_property
    def text_formats(self) -> dict[str, dict[_TextItem, str]]:
        """Fonts and spacing of paragraphs, by texts that occur only once."""
        paragraphs = [(texts_in(element).strip(), element) for element in self._body.iter(W + "p")]
        counts = Counter(text for text, _ in paragraphs)
        return {
            text: dict(self._format(element))
            for text, element in paragraphs
            if text and counts[text] == 1
        }

    def _format(self, paragraph: Element) -> Iterator[tuple[_TextItem, str]]:
        """Yield a paragraph's values. A font or size that is nowhere is not known."""
        run = next(run for run in (*paragraph.iter(W + "r"), paragraph) if texts_in(run).strip())
        chain = self._style_chain(paragraph, "pPr", "pStyle")
        run_places = [run, *self._style_chain(run, "rPr", "rStyle"), *chain, *self._defaults]
        if font := _first_value(run_places, "rPr", "rFonts", "ascii"):
            yield "font", font[:_MAX_FONT_NAME]
        if size := _first_value(run_places, "rPr", "sz", "val"):
            yield "size", f"{_parse_twips(f'{float(size) / 2}pt') / _TWIPS_PER_POINT:g} pt"
        places = [paragraph, *chain, *self._defaults]
        line = _parse_twips(_first_value(places, "pPr", "spacing", "line") or str(_TWIPS_PER_LINE))
        is_factor = _first_value(places, "pPr", "spacing", "lineRule") in {"", "auto"}
        points = f"{line / _TWIPS_PER_POINT:g} pt"
        yield "line", f"{line / _TWIPS_PER_LINE:.3g}" if is_factor else points
        for item in _SPACES:
            twips = _parse_twips(_first_value(places, "pPr", "spacing", item) or "0")
            yield item, f"{twips / _TWIPS_PER_POINT:g} pt"

    def _style_chain(self, element: Element, holder: str, reference: str) -> list[Element]:
        """Return the styles of a paragraph or run, the nearest first."""
        default = self._default_style if reference == "pStyle" else ""
        name = child_value(element.find(W + holder), reference) or default
        return [*style_chain(self._styles, name)]


def _parse_twips(measure: str) -> int:
    """Return a measure as twips; raise ValueError if it is impossible."""
    twips = parse_twips(measure)
    if abs(twips) > _MAX_TWIPS:
        raise ValueError
    return twips


def _first_value(places: list[Element], holder: str, tag: str, attribute: str) -> str:
    """Return a property's value from the first place that has it, or nothing."""
    found = (place.find(f"{W}{holder}/{W}{tag}") for place in places)
    values = (element.get(W + attribute) for element in found if element is not None)
    return next((str(value) for value in values if value), "")
