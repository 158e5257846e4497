"""The title of a campaign: its setting, or the name of its folder."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import pytest
from docx import Document
from openpyxl import load_workbook
from support import documents, workbooks
from support.campaigns import LINES, ROOT, make, merge
from support.everyday import everyday
from support.printed_campaigns import no_libreoffice

from merge.campaign.campaign import read_campaign
from merge.campaign.title import SAMPLE_TITLE, campaign_title, with_title

pytestmark = pytest.mark.usefixtures("no_libreoffice")
__all__ = ["no_libreoffice"]

SAMPLE = ROOT / "merge" / "starter" / "signers.xlsx"
SETTINGS = [["Name", "Value"], ["Language", "en"], ["Campaign", SAMPLE_TITLE]]


def _parts(data: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(data) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _cells(path: Path) -> dict[str, object]:
    book = load_workbook(path)
    return {
        f"{sheet.title}!{cell.coordinate}": cell.value
        for sheet in book.worksheets
        for row in sheet.iter_rows()
        for cell in row
    }


def test_the_title_of_a_new_campaign_is_its_folder_name(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "Free the Sokolov Five"
    assert merge("new", folder).code == 0
    workbook = folder / "signers.xlsx"
    assert campaign_title(read_campaign(folder)) == "Free the Sokolov Five"
    before, after = _parts(SAMPLE), _parts(workbook)
    assert [name for name in before if before[name] != after.get(name)] == [
        "xl/worksheets/sheet3.xml"
    ]
    sample = _cells(SAMPLE)
    changed = {cell: value for cell, value in _cells(workbook).items() if sample.get(cell) != value}
    assert list(changed.values()) == ["Free the Sokolov Five"]


@pytest.mark.parametrize("sheet", everyday(["Settings", "Paramètres", "Настройки", "الإعدادات"]))
@pytest.mark.parametrize("before", [SAMPLE_TITLE, "Last year", None])
def test_a_campaign_started_from_another_has_its_own_title(
    tmp_path: Path, sheet: str, before: str | None
) -> None:
    settings = [["Name", "Value"], ["Language", "en"], ["Campaign", before]]
    old = make(tmp_path / "old", LINES, **{sheet: settings})
    assert merge("new", tmp_path / "This year", "--from", old).code == 0
    assert read_campaign(tmp_path / "This year").workbook.settings.campaign == "This year"
    assert read_campaign(old).workbook.settings.campaign == before


@pytest.mark.parametrize("settings", [None, [["Name", "Value"], ["Pages", 2]]])
def test_the_title_is_the_folder_name_if_the_copied_workbook_has_no_campaign_setting(
    tmp_path: Path, settings: workbooks.Rows | None
) -> None:
    old = make(tmp_path / "old", LINES, **({"Settings": settings} if settings else {}))
    assert merge("new", tmp_path / "Next", "--from", old).code == 0
    assert _parts(tmp_path / "Next" / "signers.xlsx") == _parts(old / "signers.xlsx")
    assert campaign_title(read_campaign(tmp_path / "Next")) == "Next"


def test_a_title_that_cannot_be_changed_safely_is_kept_and_reported(tmp_path: Path) -> None:
    settings = [["Name", "Value"], ["Campaign", "Last year"], ["Pages", "=1+1"]]
    old = make(tmp_path / "old", Settings=settings)
    data = (old / "signers.xlsx").read_bytes()
    assert with_title(data, "This year") == (data, "Last year")
    assert (
        "The Campaign setting is still Last year"
        in merge("new", tmp_path / "This year", "--from", old).err
    )


def _texts(path: Path) -> str:
    document = Document(str(path))
    cells = (c.text for t in document.tables for row in t.rows for c in row.cells)
    return "\n".join((*(p.text for p in document.paragraphs), *cells))


def test_the_folder_name_is_the_title_of_print_files_and_reports_without_the_setting(
    tmp_path: Path,
) -> None:
    folder = make(tmp_path / "Free Ana", documents.docx("{{ recipient.name }}\n{{ signer.name }}"))
    merge("letters", folder)
    assert merge("print", folder, "--parcels", "--covers").code == 0
    assert merge("report", folder).code == 0
    files = [*folder.glob("print/2*/*.docx"), *folder.glob("report *.docx")]
    titled = {path.name for path in files if "Free Ana" in _texts(path)}
    assert titled == {path.name for path in files}
    assert len(titled) == 3
    with zipfile.ZipFile(next(folder.glob("report *.xlsx"))) as archive:
        words = b"".join(map(archive.read, archive.namelist()))
    assert re.search(rb">Free Ana<", words)


@pytest.mark.parametrize(
    "words", [["print"], ["print", "--no-covers"], ["print", "--dry-run"], ["report"]]
)
def test_the_title_of_the_sample_is_an_error_in_print_and_report(
    tmp_path: Path, words: list[str]
) -> None:
    folder = make(tmp_path / "c", Settings=SETTINGS)
    merge("letters", folder)
    ran = merge(words[0], folder, *words[1:])
    assert ran.code == 1
    assert "This is the title of the sample" in ran.err
    assert "Settings!B3" in ran.err
    assert not [*folder.glob("print/2*"), *folder.glob("report *")]
    assert merge("print", folder, "--no-letters", "--labels", "5160").code == 0
