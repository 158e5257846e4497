"""Warnings about letters with characters that no font has."""

from __future__ import annotations

from pathlib import Path

import pytest
from docx import Document
from support.campaigns import LINES, make, merge
from support.fonts import font

from merge.campaign.campaign import read_campaign
from merge.campaign.missing_fonts import font_warnings
from merge.campaign.overview import inspect_campaign
from merge.letter_status import PrintableLetter
from merge.printing.libreoffice import LibreOffice

RARE = "𐕰𐕱"
"""Two characters of Vithkuqi, for which hardly any computer has a font."""


@pytest.fixture
def office(tmp_path: Path) -> LibreOffice:
    """A stand-in for LibreOffice, with a fonts folder of its own."""
    (tmp_path / "office" / "program").mkdir(parents=True)
    (tmp_path / "office" / "share" / "fonts").mkdir(parents=True)
    return LibreOffice(tmp_path / "office" / "program" / "soffice")


def _font_warnings(folder: Path, office: LibreOffice) -> list[str]:
    """Create a campaign's letters and return the font warnings about them."""
    merge("letters", folder)
    candidates = inspect_campaign(read_campaign(folder)).print_candidates().candidates
    letters = [candidate.letter for candidate in candidates if candidate.letter]
    return [str(problem) for problem in font_warnings(letters, _read_letter, office)]


def _read_letter(letter: PrintableLetter) -> bytes:
    return letter.path.read_bytes()


@pytest.mark.not_on_wine("it has hardly any fonts")
def test_a_font_warning_names_each_person_with_missing_characters_once(
    tmp_path: Path, office: LibreOffice
) -> None:
    folder = make(tmp_path / "c", Signers=[["Name"], ["Ana Ruiz"], [RARE]])
    (warning,) = _font_warnings(folder, office)
    assert warning == (
        "LibreOffice: No font on this computer has Vithkuqi characters, so the PDF shows boxes for"
        f" {RARE}. Install a font that has them, such as Noto Sans Vithkuqi, and print again; or"
        " print the .docx from Word."
    )


@pytest.mark.not_on_wine("it has hardly any fonts")
def test_there_is_no_font_warning_if_a_font_has_the_characters(
    tmp_path: Path, office: LibreOffice
) -> None:
    folder = make(tmp_path / "c", Signers=[["Name"], ["Ana Ruiz"], [RARE]])
    (office.program.parent.parent / "share" / "fonts" / "rare.ttf").write_bytes(font(RARE))
    assert _font_warnings(folder, office) == []


@pytest.mark.not_on_wine("it has hardly any fonts")
def test_there_is_no_font_warning_about_a_cell_that_no_letter_prints(
    tmp_path: Path, office: LibreOffice
) -> None:
    people = [["Name", "Remark"], ["Ana Ruiz", RARE]]
    assert _font_warnings(make(tmp_path / "c", Signers=people), office) == []
    shown = make(tmp_path / "d", f"{LINES} {{{{ signer.remark }}}}", Signers=people)
    assert "boxes for Ana Ruiz." in _font_warnings(shown, office)[0]


@pytest.mark.not_on_wine("it has hardly any fonts")
def test_a_font_warning_names_a_letter_if_its_template_or_edit_has_the_characters(
    tmp_path: Path, office: LibreOffice
) -> None:
    assert (
        "boxes for Minister Li.docx"
        in _font_warnings(make(tmp_path / "c", LINES + RARE), office)[0]
    )
    folder = make(tmp_path / "d")
    merge("letters", folder)
    path = max(folder.rglob("Consul Roy.docx"))
    letter = Document(str(path))
    letter.add_paragraph(RARE)
    letter.save(str(path))
    assert "boxes for Consul Roy.docx." in _font_warnings(folder, office)[0]


@pytest.mark.not_on_wine("it has hardly any fonts")
def test_a_font_warning_about_many_people_names_the_first_five(
    tmp_path: Path, office: LibreOffice
) -> None:
    people = [["Name"], *([f"{RARE} {number}"] for number in range(9))]
    (warning,) = _font_warnings(make(tmp_path / "c", Signers=people), office)
    assert f"boxes for {', '.join(f'{RARE} {n}' for n in range(5))} and 4 more. Install" in warning
