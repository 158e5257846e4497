"""Random letters in one file keep their layout, in Word and LibreOffice."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from itertools import chain
from operator import ne
from pathlib import Path
from typing import NamedTuple

import pytest
from support.combined_letters import (
    combine_all,
    combined_appearance,
    document_defaults,
    formatted_letter,
    pictures,
    separate_appearance,
    style_of,
)
from support.documents import run, text_box
from support.docx_defects import defects
from support.everyday import seeds, tries
from support.office_programs import needs_libreoffice, pdf_text, to_pdf

PAGES = tries(16, 96)
"""Number of seeds whose pages are compared as pictures."""

ROUNDED = 400
"""Most different bytes of the million of a page.

This is the line below a word or two.
"""

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


class _Format(NamedTuple):
    styles: str
    lists: str
    faces: tuple[str, str]
    definitions: int
    """Number of list definitions.

    Each has two lists, of which one restarts.
    """


class _Maker:
    """Creates random letters, equal for equal seeds.

    If `careless`, they also have faults that Word does not write and LibreOffice reads in another
    way:

    1. They name styles and lists that do not exist, and have no default styles.
    2. They have half an indent, and lists that begin at their second level.
    3. Their table styles format text.
    4. They have no space between paragraphs of one style. LibreOffice includes the style of the
       previous letter.
    """

    def __init__(self, seed: int, *, careless: bool) -> None:
        self._chance = random.Random(seed)  # noqa: S311 - the same letters each time
        self._careless = careless

    def letters(self) -> list[bytes]:
        """Return four letters.

        Two have different formats, one has something of both, and the last is like the first.
        """
        first, second = self._format(), self._format()
        mixed = self._chance.choice((first, second))._replace(
            faces=self._chance.choice((first, second)).faces
        )
        return [
            self._letter(*arguments)
            for arguments in zip("ABCD", (first, second, mixed, first), strict=True)
        ]

    def _happens(self, often: float) -> bool:
        return self._chance.random() < often

    def _choose(self, *choices: str) -> str:
        return self._chance.choice(choices)

    def _choose_some(self, often: float, *pieces: str) -> str:
        return "".join(piece for piece in pieces if self._happens(often))

    def _toggle(self, name: str) -> str:
        return f"<w:{name}/>" if self._happens(0.6) else f'<w:{name} w:val="0"/>'

    def _paragraph(self, often: float, numbering: str = "", *, indents: bool = True) -> str:
        before, after = (
            f' w:before="{self._choose("60", "120")}"',
            f' w:after="{self._choose("0", "60")}"',
        )
        side = f' w:{self._choose("left", "start")}="{self._choose("0", "300", "700")}"'
        first = f' w:{self._choose("firstLine", "hanging")}="{self._choose("0", "200")}"'
        return (
            self._choose_some(often, self._toggle("keepLines"))
            + numbering
            + self._choose_some(
                often,
                f"<w:spacing{self._choose_some(0.6, before, after)}/>",
                f"<w:ind{self._choose_some(0.6 if self._careless else 1, side, first)}/>" * indents,
                self._toggle("contextualSpacing") if self._careless else "",
                f'<w:jc w:val="{self._choose("left", "center", "both")}"/>',
            )
        )

    def _text(self, often: float, *, toggles: bool = True) -> str:
        return self._choose_some(
            often,
            self._choose(*_FONTS),
            self._toggle("b") if toggles else "",
            self._toggle("i") if toggles else "",
            f"<w:color {self._choose(*_COLOURS)}/>",
            '<w:kern w:val="2"/>',
            f'<w:sz w:val="{self._choose("20", "22", "28")}"/>',
            f'<w:szCs w:val="{self._choose("20", "28")}"/>',
            f'<w:u w:val="{self._choose("none", "single")}"/>',
        )

    def _format(self) -> _Format:
        count = self._chance.randrange(4)
        faces = (
            self._choose("Liberation Sans", "DejaVu Sans"),
            self._choose("Liberation Mono", "Carlito"),
        )
        return _Format("".join(self._styles(count)), self._lists(count), faces, count)

    def _styles(self, lists: int) -> Iterator[str]:
        text = self._text(0.4, toggles=False) + '<w:lang w:val="en-US"/>'
        text += _LIGATURES if self._happens(0.2) else ""
        yield document_defaults(text, self._paragraph(0.3, indents=self._careless))
        names: list[str] = []
        for name in self._kept_styles(_STYLES):
            numbering = self._style_numbering(name, lists)
            paragraph_format = self._paragraph(
                0.3, numbering, indents=self._careless or name == "Item"
            )
            yield style_of(name, self._text(0.2), paragraph_format, more=self._based(names))
            names.append(name)
        yield style_of("Strong", self._text(0.3), kind="character")
        yield style_of("Em", self._text(0.3), kind="character", more=self._based(["Strong"]))
        names = []
        for name in self._kept_styles(_TABLES):
            formats = (self._text(0.2), self._paragraph(0.2)) if self._careless else ("", "")
            more = self._choose("", _GRID, _BORDERS) if names or self._careless else ""
            style = style_of(name, *formats, kind="table", more=self._based(names))
            yield style.replace("</w:style>", f"{more}</w:style>")
            names.append(name)

    def _kept_styles(self, names: Sequence[str]) -> list[str]:
        return [name for name in names if not (self._careless and self._happens(0.2))]

    def _based(self, names: Sequence[str]) -> str:
        choices = [*names, "Nowhere"] if self._careless else names
        based = f'<w:basedOn w:val="{self._choose(*choices)}"/>' if choices else ""
        return based if self._happens(0.7) else ""

    def _style_numbering(self, name: str, lists: int) -> str:
        """Return the numbering of a style.

        `Item` is in the first list, which is linked to `Item`.
        """
        if self._careless:
            level = f'<w:ilvl w:val="{self._choose("0", "1")}"/>'
            number = f'<w:numId w:val="{self._choose("0", "1", "2", "3", "9")}"/>'
            return (
                f"<w:numPr>{self._choose_some(0.7, level, number)}</w:numPr>"
                if self._happens(0.3)
                else ""
            )
        return '<w:numPr><w:numId w:val="1"/></w:numPr>' if name == "Item" and lists else ""

    def _lists(self, count: int) -> str:
        abstracts = "".join(self._abstract(number) for number in range(count))
        nums = "".join(self._nums(number) for number in range(count))
        return abstracts + nums

    def _abstract(self, number: int) -> str:
        link = '<w:pStyle w:val="Item"/>' if number == 0 else ""
        is_plain = self._happens(0.3)
        levels = "".join(self._level(n, "" if n else link, is_plain=is_plain) for n in range(2))
        nsid = f'<w:nsid w:val="0000000{number}"/>'
        return f'<w:abstractNum w:abstractNumId="{number}">{nsid}{levels}</w:abstractNum>'

    def _level(self, number: int, link: str, *, is_plain: bool) -> str:
        form = "decimal" if is_plain else self._choose("decimal", "lowerLetter", "bullet")
        text = "•" if form == "bullet" else f"%{number + 1}."
        start = "1" if is_plain else self._choose("1", "3")
        place = f'<w:pPr><w:ind w:left="{720 * (number + 1)}" w:hanging="360"/></w:pPr>'
        return (
            f'<w:lvl w:ilvl="{number}"><w:start w:val="{start}"/><w:numFmt w:val="{form}"/>{link}'
            f'<w:lvlText w:val="{text}"/><w:lvlJc w:val="left"/>{place}'
            f"<w:rPr>{'' if is_plain else self._choose_some(0.3, '<w:b/>')}</w:rPr></w:lvl>"
        )

    def _nums(self, number: int) -> str:
        restart = f'<w:startOverride w:val="{self._choose("1", "5")}"/>'
        override = f'<w:lvlOverride w:ilvl="0">{restart}</w:lvlOverride>'
        abstract = f'<w:abstractNumId w:val="{number}"/>'
        return (
            f'<w:num w:numId="{2 * number + 1}">{abstract}</w:num>'
            f'<w:num w:numId="{2 * number + 2}">{abstract}{override}</w:num>'
        )

    def _letter(self, name: str, letter_format: _Format) -> bytes:
        used_lists: set[int] = set()
        body = "".join(
            self._block(name, letter_format, used_lists)
            for _ in range(self._chance.randrange(2, 7))
        )
        return formatted_letter(
            f"{body}{self._line(name, letter_format, used_lists)}", *letter_format[:3]
        )

    def _block(self, name: str, letter_format: _Format, used_lists: set[int]) -> str:
        line = self._line(name, letter_format, used_lists)
        if self._careless and self._happens(0.1):
            return text_box(line)
        if self._happens(0.8):
            return line
        chosen = self._choose("", "Grid", "Box", *["Nowhere"] * self._careless)
        style = f'<w:tblStyle w:val="{chosen}"/>' if chosen else ""
        return (
            f'<w:tbl><w:tblPr>{style}<w:tblW w:w="0" w:type="auto"/></w:tblPr><w:tblGrid>'
            '<w:gridCol w:w="3000"/></w:tblGrid><w:tr><w:tc><w:tcPr><w:tcW w:w="3000" '
            f'w:type="dxa"/></w:tcPr>{line}</w:tc></w:tr></w:tbl>'
        )

    def _line(self, name: str, letter_format: _Format, used_lists: set[int]) -> str:
        chosen = self._choose("", *_STYLES, *["Nowhere", "Strong"] * self._careless)
        style = f'<w:pStyle w:val="{chosen}"/>' if chosen else ""
        numbering = self._item(letter_format.definitions, used_lists) if self._happens(0.4) else ""
        used_lists |= {0} if chosen == "Item" and not numbering else set()
        runs = "".join(self._run(name, n) for n in range(self._chance.randrange(1, 3)))
        return f"<w:p><w:pPr>{style}{self._paragraph(0.15, numbering)}</w:pPr>{runs}</w:p>"

    def _item(self, lists: int, used_lists: set[int]) -> str:
        """Return a place in a list that does not restart.

        The first place in each list is at its first level.
        """
        if self._careless:
            level = f'<w:ilvl w:val="{self._choose("0", "1")}"/>'
            number = f'<w:numId w:val="{self._choose("0", "1", "2", "3", "4", "9")}"/>'
            return f"<w:numPr>{self._choose_some(0.9, level, number)}</w:numPr>"
        if not lists:
            return ""
        chosen = self._chance.randrange(lists)
        level, second = (
            (self._choose("0", "1"), self._choose("1", "2")) if chosen in used_lists else "01"
        )
        used_lists.add(chosen)
        number = f'<w:numId w:val="{2 * chosen + int(second)}"/>'
        return f'<w:numPr><w:ilvl w:val="{level}"/>{number}</w:numPr>'

    def _run(self, name: str, number: int) -> str:
        chosen = self._choose("Strong", "Em", *["Nowhere", "Body"] * self._careless)
        style = f'<w:rStyle w:val="{chosen}"/>' if self._happens(0.3) else ""
        return run(f"{name} {number} ", style + self._text(0.1))


@pytest.mark.soak
@pytest.mark.parametrize("seed", seeds(200, 2_000, daily=3))
def test_random_letters_keep_their_layout_when_combined(seed: int) -> None:
    letters = _Maker(seed, careless=True).letters()
    assert combined_appearance(*letters) == separate_appearance(*letters)


@needs_libreoffice
@pytest.mark.slow
@pytest.mark.soak
def test_every_page_of_random_letters_is_the_same_picture_as_alone(tmp_path: Path) -> None:
    files: list[Path] = []
    for seed in range(PAGES):
        letters = _Maker(seed, careless=False).letters()
        for name, data in (("whole", combine_all(*letters).data), *enumerate(letters)):
            files.append(tmp_path / f"{seed}-{name}.docx")
            files[-1].write_bytes(data)
    pdfs = to_pdf(files, tmp_path)
    for seed in range(PAGES):
        whole_pdf, *single_pdfs = pdfs[5 * seed : 5 * seed + 5]
        assert pdf_text(whole_pdf).split() == [
            *chain(*(pdf_text(pdf).split() for pdf in single_pdfs))
        ]
        assert _are_similar(pictures(whole_pdf), [*chain(*map(pictures, single_pdfs))]), (
            f"seed {seed}"
        )


def _are_similar(first_pages: Sequence[bytes], second_pages: Sequence[bytes]) -> bool:
    """Return whether pages are equal pictures, except for some rounded edges."""
    pairs = zip(first_pages, second_pages, strict=True)
    return all(a == b or sum(map(ne, a, b)) < ROUNDED for a, b in pairs)


def test_a_combined_file_of_random_letters_has_no_defect() -> None:
    letters = [letter for seed in range(5) for letter in _Maker(seed, careless=False).letters()]
    assert not defects(combine_all(*letters).data)
