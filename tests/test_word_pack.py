"""The pack for people with Word: `make word-pack`."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from docx import Document
from openpyxl import load_workbook
from support.campaigns import ROOT, merge
from support.docx_validation import findings, own_checks

sys.path.append(str(ROOT / "tools"))
from word_pack import CAMPAIGN, CHECKLIST, FORM, LANGUAGES, PACK

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The unpacked pack, made without LibreOffice."""
    folder = tmp_path_factory.mktemp("pack")
    subprocess.run(
        [sys.executable, ROOT / "tools" / "word_pack.py", folder],
        check=True,
        capture_output=True,
        env={**os.environ, "PATH": "", "PYTHONPATH": str(ROOT)},
    )
    with zipfile.ZipFile(folder / f"{PACK}.zip") as archive:
        archive.extractall(folder)
    return folder / PACK


def texts(path: Path) -> str:
    return "\n".join(paragraph.text for paragraph in Document(str(path)).paragraphs)


def test_the_pack_has_twenty_letters_in_ten_languages(pack: Path) -> None:
    letters = sorted((pack / CAMPAIGN / "letters").rglob("*.docx"))
    assert len(letters) == 20
    for language in LANGUAGES:
        paths = [path for path in letters if path.stem == language.recipient[0]]
        assert len(paths) == 2
        for path in paths:
            assert all(words in texts(path) for words in (language.fact, language.closing))
            assert "{{" not in texts(path)
            markup = zipfile.ZipFile(path).read("word/document.xml")
            assert (b"<w:bidi/>" in markup) == language.right_to_left
            assert b"MERGEFIELD" not in markup


def test_the_letters_of_the_pack_have_pictures_tables_lists_and_headers(pack: Path) -> None:
    parts: dict[str, set[str]] = {}
    for path in (pack / CAMPAIGN / "letters").rglob("*.docx"):
        parts[path.stem] = set(zipfile.ZipFile(path).namelist())
    english = next(names for stem, names in parts.items() if stem == LANGUAGES[0].recipient[0])
    assert {"word/header1.xml", "word/footer1.xml"} <= english
    assert any(name.startswith("word/media/") for name in english)


def test_every_word_file_of_the_pack_is_valid(pack: Path, tmp_path: Path) -> None:
    """The program's documents lack a theme and a font table: Word needs neither."""
    for path in (p for p in pack.rglob("*.docx") if p.parent.name != "templates"):
        data = path.read_bytes()
        broken_rules = [
            rule for rule in findings(tmp_path, data) if "relationship type" not in rule
        ]
        assert (broken_rules, own_checks(data)) == ([], []), path.name


def test_every_file_that_the_checklist_names_is_in_the_pack(pack: Path) -> None:
    rows = list(load_workbook(pack / FORM)["Checks"].iter_rows(min_row=2, values_only=True))
    files = [str(row[1]) for row in rows if str(row[1]).startswith(CAMPAIGN)]
    assert not [file for file in files if not (pack / file).exists()]
    kinds = ("register.xlsx", "Envelopes DL.docx", "Labels L7160.docx", "Parcels.docx")
    for kind in kinds:
        assert any(file.endswith(kind) for file in files), kind
    assert sum(file.startswith(f"{CAMPAIGN}/letters/") for file in files) == len(LANGUAGES)
    table = Document(str(pack / CHECKLIST)).tables[0]
    assert [row.cells[2].text for row in table.rows[1:]] == [row[2] for row in rows]


def test_the_form_of_the_pack_offers_three_results_for_each_check(pack: Path) -> None:
    sheet = load_workbook(pack / FORM)["Checks"]
    (choice,) = sheet.data_validations.dataValidation
    assert choice.formula1 == '"as described,different,not tried"'
    assert str(choice.sqref) == f"D2:D{sheet.max_row}"


def test_no_file_of_the_pack_names_an_author(pack: Path) -> None:
    for path in pack.rglob("*.docx"):
        assert not Document(str(path)).core_properties.author, path.name


def test_the_program_opens_the_campaign_of_the_pack_on_another_computer(pack: Path) -> None:
    assert merge("check", pack / CAMPAIGN).code == 0
    result = merge("status", pack / CAMPAIGN, "--json").json
    assert result["letters"] == 20
    assert "edited" not in result["states"]
