"""Letters in a script that no font has are named before a PDF is made of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from docx import Document
from support.campaigns import LINES, make, merge
from support.fonts import font

from merge.campaign.campaign import read_campaign
from merge.campaign.candidates import find_candidates
from merge.campaign.missing_fonts import font_warnings
from merge.campaign.overview import inspect_campaign
from merge.letter_status import FinishedLetter
from merge.printing.libreoffice import LibreOffice

RARE = "𐕰𐕱"
"""Two letters of Vithkuqi, which hardly any computer has a font for."""


@pytest.fixture
def office(tmp_path: Path) -> LibreOffice:
    """Where LibreOffice would be, with a folder for fonts of its own."""
    (tmp_path / "office" / "program").mkdir(parents=True)
    (tmp_path / "office" / "share" / "fonts").mkdir(parents=True)
    return LibreOffice(tmp_path / "office" / "program" / "soffice")


def warned(folder: Path, office: LibreOffice) -> list[str]:
    """What is said of the letters of a campaign."""
    merge("letters", folder)
    found = find_candidates(inspect_campaign(read_campaign(folder))).candidates
    letters = [one.letter for one in found if one.letter]
    return [str(problem) for problem in font_warnings(letters, _read, office)]


def _read(letter: FinishedLetter) -> bytes:
    return letter.path.read_bytes()


def test_people_whose_script_no_font_has_are_named_once(
    tmp_path: Path, office: LibreOffice
) -> None:
    folder = make(tmp_path / "c", Signers=[["Name"], ["Ana Ruiz"], [RARE]])
    (said,) = warned(folder, office)
    assert said == (
        "LibreOffice: No font on this computer has Vithkuqi characters, so the PDF shows boxes for"
        f" {RARE}. Install a font that has them, such as Noto Sans Vithkuqi, and print again; or"
        " print the .docx from Word."
    )


def test_nothing_is_said_if_a_font_has_the_script(tmp_path: Path, office: LibreOffice) -> None:
    folder = make(tmp_path / "c", Signers=[["Name"], ["Ana Ruiz"], [RARE]])
    (office.program.parent.parent / "share" / "fonts" / "rare.ttf").write_bytes(font(RARE))
    assert warned(folder, office) == []


def test_nothing_is_said_of_a_cell_that_no_letter_shows(
    tmp_path: Path, office: LibreOffice
) -> None:
    people = [["Name", "Remark"], ["Ana Ruiz", RARE]]
    assert warned(make(tmp_path / "c", Signers=people), office) == []
    shown = make(tmp_path / "d", f"{LINES} {{{{ signer.remark }}}}", Signers=people)
    assert "boxes for Ana Ruiz." in warned(shown, office)[0]


def test_a_template_and_an_edited_letter_in_the_script_are_named_by_a_letter(
    tmp_path: Path, office: LibreOffice
) -> None:
    assert "boxes for Minister Li.docx" in warned(make(tmp_path / "c", LINES + RARE), office)[0]
    folder = make(tmp_path / "d")
    merge("letters", folder)
    path = max(folder.rglob("Consul Roy.docx"))
    letter = Document(str(path))
    letter.add_paragraph(RARE)
    letter.save(str(path))
    assert "boxes for Consul Roy.docx." in warned(folder, office)[0]


def test_of_many_people_the_first_are_named(tmp_path: Path, office: LibreOffice) -> None:
    people = [["Name"], *([f"{RARE} {number}"] for number in range(9))]
    (said,) = warned(make(tmp_path / "c", Signers=people), office)
    assert f"boxes for {', '.join(f'{RARE} {n}' for n in range(5))} and 4 more. Install" in said
