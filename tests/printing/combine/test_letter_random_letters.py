"""Letters of every make in one file: each looks as it did alone, in Word and LibreOffice."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from itertools import chain
from operator import ne
from pathlib import Path
from typing import NamedTuple

import pytest
from support.combined_letters import alone, defaults, formed, pictures, style_of, together, whole
from support.documents import run, text_box
from support.docx_defects import defects
from support.everyday import seeds, tries
from support.office_programs import needs_libreoffice, pdf_text, to_pdf

PAGES = tries(16, 96)
"""Seeds whose pages are looked at."""

ROUNDED = 400
"""Bytes of the million of a page: the line below a word or two."""

_STYLES = ("Normal", "Body", "Head", "Quote", "Item")
_TABLES = ("Normal Table", "Grid", "Box")
_FONTS = (
    '<w:rFonts w:ascii="Liberation Sans"/>',
    '<w:rFonts w:ascii="DejaVu Serif" w:hAnsi="DejaVu Serif"/>',
    '<w:rFonts w:asciiTheme="minorHAnsi" w:hAnsiTheme="majorHAnsi"/>',
    '<w:rFonts w:cstheme="minorBidi" w:eastAsiaTheme="minorEastAsia"/>',
)
_COLOURS = ('w:val="FF0000"', 'w:val="4472C4" w:themeColor="accent1"', 'w:val="auto"')
_GRID = '<w:tblPr><w:tblInd w:w="5" w:type="dxa"/></w:tblPr>'
_BORDERS = '<w:tblPr><w:tblBorders><w:top w:val="single" w:sz="4"/></w:tblBorders></w:tblPr>'
_LIGATURES = '<w14:ligatures w14:val="standardContextual"/>'


class _Look(NamedTuple):
    styles: str
    lists: str
    faces: tuple[str, str]
    definitions: int
    """How many definitions of lists there are; each has two lists, of which one starts again."""


class _Maker:
    """Makes letters by chance, the same for the same seed.

    With `careless` they are also such as Word does not write and LibreOffice takes otherwise: with
    names of styles and lists that are not there, without default styles, with half an indent, lists
    that begin at their second level, tables that say how text looks, no space between paragraphs
    of one style (LibreOffice sees those of the letter before).
    """

    def __init__(self, seed: int, *, careless: bool) -> None:
        self._chance = random.Random(seed)  # noqa: S311 - the same letters each time
        self._careless = careless

    def letters(self) -> list[bytes]:
        """Four: two of other looks, one that has something of both, and one like the first."""
        one, two = self._look(), self._look()
        mixed = self._chance.choice((one, two))._replace(
            faces=self._chance.choice((one, two)).faces
        )
        return [self._letter(*each) for each in zip("ABCD", (one, two, mixed, one), strict=True)]

    def _is(self, often: float) -> bool:
        return self._chance.random() < often

    def _any(self, *choices: str) -> str:
        return self._chance.choice(choices)

    def _some(self, often: float, *each: str) -> str:
        return "".join(one for one in each if self._is(often))

    def _on(self, name: str) -> str:
        return f"<w:{name}/>" if self._is(0.6) else f'<w:{name} w:val="0"/>'

    def _paragraph(self, often: float, numbering: str = "", *, indents: bool = True) -> str:
        before, after = (
            f' w:before="{self._any("60", "120")}"',
            f' w:after="{self._any("0", "60")}"',
        )
        side = f' w:{self._any("left", "start")}="{self._any("0", "300", "700")}"'
        first = f' w:{self._any("firstLine", "hanging")}="{self._any("0", "200")}"'
        return (
            self._some(often, self._on("keepLines"))
            + numbering
            + self._some(
                often,
                f"<w:spacing{self._some(0.6, before, after)}/>",
                f"<w:ind{self._some(0.6 if self._careless else 1, side, first)}/>" * indents,
                self._on("contextualSpacing") if self._careless else "",
                f'<w:jc w:val="{self._any("left", "center", "both")}"/>',
            )
        )

    def _text(self, often: float, *, toggles: bool = True) -> str:
        return self._some(
            often,
            self._any(*_FONTS),
            self._on("b") if toggles else "",
            self._on("i") if toggles else "",
            f"<w:color {self._any(*_COLOURS)}/>",
            '<w:kern w:val="2"/>',
            f'<w:sz w:val="{self._any("20", "22", "28")}"/>',
            f'<w:szCs w:val="{self._any("20", "28")}"/>',
            f'<w:u w:val="{self._any("none", "single")}"/>',
        )

    def _look(self) -> _Look:
        count = self._chance.randrange(4)
        faces = self._any("Liberation Sans", "DejaVu Sans"), self._any("Liberation Mono", "Carlito")
        return _Look("".join(self._styles(count)), self._lists(count), faces, count)

    def _styles(self, lists: int) -> Iterator[str]:
        text = self._text(0.4, toggles=False) + '<w:lang w:val="en-US"/>'
        text += _LIGATURES if self._is(0.2) else ""
        yield defaults(text, self._paragraph(0.3, indents=self._careless))
        names: list[str] = []
        for name in self._kept(_STYLES):
            numbering = self._of_style(name, lists)
            look = self._paragraph(0.3, numbering, indents=self._careless or name == "Item")
            yield style_of(name, self._text(0.2), look, more=self._based(names))
            names.append(name)
        yield style_of("Strong", self._text(0.3), kind="character")
        yield style_of("Em", self._text(0.3), kind="character", more=self._based(["Strong"]))
        names = []
        for name in self._kept(_TABLES):
            own = (self._text(0.2), self._paragraph(0.2)) if self._careless else ("", "")
            more = self._any("", _GRID, _BORDERS) if names or self._careless else ""
            style = style_of(name, *own, kind="table", more=self._based(names))
            yield style.replace("</w:style>", f"{more}</w:style>")
            names.append(name)

    def _kept(self, names: Sequence[str]) -> list[str]:
        return [name for name in names if not (self._careless and self._is(0.2))]

    def _based(self, names: Sequence[str]) -> str:
        choices = [*names, "Nowhere"] if self._careless else names
        based = f'<w:basedOn w:val="{self._any(*choices)}"/>' if choices else ""
        return based if self._is(0.7) else ""

    def _of_style(self, name: str, lists: int) -> str:
        """How a style numbers its paragraphs: Item in the first list, to which that leads back."""
        if self._careless:
            level = f'<w:ilvl w:val="{self._any("0", "1")}"/>'
            number = f'<w:numId w:val="{self._any("0", "1", "2", "3", "9")}"/>'
            return f"<w:numPr>{self._some(0.7, level, number)}</w:numPr>" if self._is(0.3) else ""
        return '<w:numPr><w:numId w:val="1"/></w:numPr>' if name == "Item" and lists else ""

    def _lists(self, count: int) -> str:
        abstracts = "".join(self._abstract(number) for number in range(count))
        nums = "".join(self._nums(number) for number in range(count))
        return abstracts + nums

    def _abstract(self, number: int) -> str:
        link = '<w:pStyle w:val="Item"/>' if number == 0 else ""
        alike = self._is(0.3)
        levels = "".join(self._level(n, "" if n else link, alike=alike) for n in range(2))
        nsid = f'<w:nsid w:val="0000000{number}"/>'
        return f'<w:abstractNum w:abstractNumId="{number}">{nsid}{levels}</w:abstractNum>'

    def _level(self, number: int, link: str, *, alike: bool) -> str:
        form = "decimal" if alike else self._any("decimal", "lowerLetter", "bullet")
        text = "•" if form == "bullet" else f"%{number + 1}."
        start = "1" if alike else self._any("1", "3")
        place = f'<w:pPr><w:ind w:left="{720 * (number + 1)}" w:hanging="360"/></w:pPr>'
        return (
            f'<w:lvl w:ilvl="{number}"><w:start w:val="{start}"/><w:numFmt w:val="{form}"/>{link}'
            f'<w:lvlText w:val="{text}"/><w:lvlJc w:val="left"/>{place}'
            f"<w:rPr>{'' if alike else self._some(0.3, '<w:b/>')}</w:rPr></w:lvl>"
        )

    def _nums(self, number: int) -> str:
        anew = f'<w:startOverride w:val="{self._any("1", "5")}"/>'
        override = f'<w:lvlOverride w:ilvl="0">{anew}</w:lvlOverride>'
        abstract = f'<w:abstractNumId w:val="{number}"/>'
        return (
            f'<w:num w:numId="{2 * number + 1}">{abstract}</w:num>'
            f'<w:num w:numId="{2 * number + 2}">{abstract}{override}</w:num>'
        )

    def _letter(self, name: str, look: _Look) -> bytes:
        begun: set[int] = set()
        body = "".join(self._block(name, look, begun) for _ in range(self._chance.randrange(2, 7)))
        return formed(f"{body}{self._line(name, look, begun)}", *look[:3])

    def _block(self, name: str, look: _Look, begun: set[int]) -> str:
        line = self._line(name, look, begun)
        if self._careless and self._is(0.1):
            return text_box(line)
        if self._is(0.8):
            return line
        chosen = self._any("", "Grid", "Box", *["Nowhere"] * self._careless)
        style = f'<w:tblStyle w:val="{chosen}"/>' if chosen else ""
        return (
            f'<w:tbl><w:tblPr>{style}<w:tblW w:w="0" w:type="auto"/></w:tblPr><w:tblGrid>'
            '<w:gridCol w:w="3000"/></w:tblGrid><w:tr><w:tc><w:tcPr><w:tcW w:w="3000" '
            f'w:type="dxa"/></w:tcPr>{line}</w:tc></w:tr></w:tbl>'
        )

    def _line(self, name: str, look: _Look, begun: set[int]) -> str:
        chosen = self._any("", *_STYLES, *["Nowhere", "Strong"] * self._careless)
        style = f'<w:pStyle w:val="{chosen}"/>' if chosen else ""
        numbering = self._item(look.definitions, begun) if self._is(0.4) else ""
        begun |= {0} if chosen == "Item" and not numbering else set()
        runs = "".join(self._run(name, n) for n in range(self._chance.randrange(1, 3)))
        return f"<w:p><w:pPr>{style}{self._paragraph(0.15, numbering)}</w:pPr>{runs}</w:p>"

    def _item(self, lists: int, begun: set[int]) -> str:
        """A place in a list, the first in each at its first level, that does not start again."""
        if self._careless:
            level = f'<w:ilvl w:val="{self._any("0", "1")}"/>'
            number = f'<w:numId w:val="{self._any("0", "1", "2", "3", "4", "9")}"/>'
            return f"<w:numPr>{self._some(0.9, level, number)}</w:numPr>"
        if not lists:
            return ""
        chosen = self._chance.randrange(lists)
        level, second = (self._any("0", "1"), self._any("1", "2")) if chosen in begun else "01"
        begun.add(chosen)
        number = f'<w:numId w:val="{2 * chosen + int(second)}"/>'
        return f'<w:numPr><w:ilvl w:val="{level}"/>{number}</w:numPr>'

    def _run(self, name: str, number: int) -> str:
        chosen = self._any("Strong", "Em", *["Nowhere", "Body"] * self._careless)
        style = f'<w:rStyle w:val="{chosen}"/>' if self._is(0.3) else ""
        return run(f"{name} {number} ", style + self._text(0.1))


@pytest.mark.soak
@pytest.mark.parametrize("seed", seeds(200, 2_000, daily=3))
def test_every_letter_looks_as_it_did_alone(seed: int) -> None:
    letters = _Maker(seed, careless=True).letters()
    assert together(*letters) == alone(*letters)


@needs_libreoffice
@pytest.mark.slow
@pytest.mark.soak
def test_every_page_is_the_picture_that_it_was_alone(tmp_path: Path) -> None:
    files: list[Path] = []
    for seed in range(PAGES):
        letters = _Maker(seed, careless=False).letters()
        for name, data in (("whole", whole(*letters).data), *enumerate(letters)):
            files.append(tmp_path / f"{seed}-{name}.docx")
            files[-1].write_bytes(data)
    pdfs = to_pdf(files, tmp_path)
    for seed in range(PAGES):
        whole_pdf, *each = pdfs[5 * seed : 5 * seed + 5]
        assert pdf_text(whole_pdf).split() == [*chain(*(pdf_text(pdf).split() for pdf in each))]
        assert _alike(pictures(whole_pdf), [*chain(*map(pictures, each))]), f"seed {seed}"


def _alike(ours: Sequence[bytes], theirs: Sequence[bytes]) -> bool:
    """Whether pages are the same pictures, less the edges of some lines that are rounded."""
    pairs = zip(ours, theirs, strict=True)
    return all(a == b or sum(map(ne, a, b)) < ROUNDED for a, b in pairs)


def test_whatever_letters_are_put_together_the_whole_has_no_defect() -> None:
    letters = [letter for seed in range(5) for letter in _Maker(seed, careless=False).letters()]
    assert not defects(whole(*letters).data)
