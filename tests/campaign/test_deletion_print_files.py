"""Print files that a deletion of a person's data, or closing, deletes."""

from __future__ import annotations

import shutil
import unicodedata
from pathlib import Path

import pytest
from support.campaigns import make, merge
from support.copied_folders import copy_made_folder
from support.everyday import everyday
from support.office_programs import needs_libreoffice
from support.registers import excel

NAMES = [
    "Maria O'Higgins",
    "Ana & Luis Ruiz",
    "O'Ruiz + co",
    "Jo <Joy> Berg",
    '"Bo" Lindgren',
    "Niamh O’Brien",
    "Smith &amp; Sons",
    r"Lee (Li) \ Wen",
    "Kofi [Yaw] {Mensah} #1; 5%",
    "Noémie Lachapelle-Côté",
    unicodedata.normalize("NFD", "Zoë Müller"),
    "山田 太郎",
    "Þórdís 'Dísa' & co",
]
IDS = [f"S{number}" for number in range(1, len(NAMES) + 1)]
PRINT_OPTIONS = [[], ["--per-signer"], ["--one-file"], ["--sheets", "1"]]


def create_letters(folder: Path) -> None:
    """Create a letter of each signer to one recipient, with a hostile title."""
    signers = [["ID", "Name"], *zip(IDS, NAMES, strict=True)]
    settings = [["Setting", "Value"], ["Campaign", "Rights & <wrongs>: 'now'"]]
    template, recipients = "{{ recipient.name }}\n{{ signer.name }}", [["Name"], ["Consul Roy"]]
    make(folder, template, Signers=signers, Recipients=recipients, Settings=settings)
    merge("letters", folder)


@pytest.fixture
def campaign(tmp_path: Path) -> Path:
    return copy_made_folder(create_letters, tmp_path / "campaign")


def _files_in_print(folder: Path) -> list[str]:
    paths = (path for path in (folder / "print").rglob("*") if path.is_file())
    return sorted(path.name for path in paths if path.name != ".merge-lock")


def _delete_person(folder: Path, number: int) -> None:
    """Delete a person's data and row, and check that no data is left."""
    merge("delete-person", IDS[number], folder, "--yes")
    with excel(folder / "signers.xlsx", "Signers") as sheet:
        sheet.delete_rows(next(n for n in range(2, 99) if sheet.cell(n, 1).value == IDS[number]))
    again = merge("delete-person", IDS[number], folder, "--yes")
    assert (again.code, again.err.count("print/")) == (0, 0)


@pytest.mark.slow
@pytest.mark.parametrize("options", everyday(PRINT_OPTIONS, daily=(0, 1)))
def test_closing_a_campaign_deletes_print_files_with_any_characters_in_names(
    options: list[str], campaign: Path
) -> None:
    assert merge("print", campaign, *options).code == 0
    assert _files_in_print(campaign)
    ran = merge("close", campaign, "--yes")
    assert ran.code == 0
    assert "did not make" not in ran.err
    assert not (campaign / "print").exists()


def test_closing_a_campaign_deletes_print_files_with_decomposed_accents(campaign: Path) -> None:
    merge("print", campaign, "--per-signer")
    for path in (campaign / "print").rglob("*.docx"):
        path.rename(path.with_name(unicodedata.normalize("NFD", path.name)))
    merge("close", campaign, "--yes")
    assert not (campaign / "print").exists()


@pytest.mark.slow
@pytest.mark.parametrize("numbers", everyday([range(1), range(1, len(NAMES))]))
def test_a_deletion_deletes_the_print_file_with_any_characters_in_the_name(
    numbers: range, campaign: Path
) -> None:
    merge("print", campaign, "--per-signer")
    print_files = _files_in_print(campaign)
    for number in numbers:
        _delete_person(campaign, number)
        del print_files[numbers.start]
        assert _files_in_print(campaign) == print_files, NAMES[number]


@pytest.mark.slow
@pytest.mark.libreoffice
@needs_libreoffice
def test_a_deletion_deletes_the_pdf_of_a_print_file(campaign: Path) -> None:
    assert merge("print", campaign, "--pdf", "--per-signer").code == 0
    assert len(_files_in_print(campaign)) == 2 * len(NAMES)
    _delete_person(campaign, 0)
    assert len(_files_in_print(campaign)) == 2 * len(NAMES) - 2
    assert merge("print", campaign, "--pdf").code == 0
    merge("close", campaign, "--yes")
    assert not (campaign / "print").exists()


@pytest.mark.slow
def test_a_deletion_distinguishes_print_files_of_two_runs_in_one_minute(campaign: Path) -> None:
    for person_id in IDS[:2]:
        assert merge("print", campaign, "--for", person_id).code == 0
    _delete_person(campaign, 0)
    assert [name for name in _files_in_print(campaign) if name.endswith(".docx")] == [
        f"01 {NAMES[1]}.docx"
    ]


@pytest.mark.slow
@pytest.mark.libreoffice
@needs_libreoffice
@pytest.mark.parametrize("command", [("close",), ("delete-person", "Consul Roy")])
def test_pdfs_of_envelopes_labels_and_parcels_are_deleted_but_no_scan_of_staff(
    tmp_path: Path, command: tuple[str, ...]
) -> None:
    settings = [["Setting", "Value"], ["Envelope address", "{{ recipient.name }}\nBern"]]
    merge("letters", make(tmp_path, Recipients=[["Name"], ["Consul Roy"]], Settings=settings))
    posting = ("--envelopes", "#10", "--labels", "L7160", "--parcels")
    assert merge("print", tmp_path, "--pdf", *posting).code == 0
    (envelopes,) = (tmp_path / "print").glob("*/Envelopes #10.pdf")
    assert len(_files_in_print(tmp_path)) == 8
    shutil.copyfile(envelopes, envelopes.with_name("Envelopes that came back.pdf"))
    for document in (tmp_path / "print").glob("*/Labels*.docx"):
        document.unlink()
    merge(*command, tmp_path, "--yes")
    assert _files_in_print(tmp_path) == ["Envelopes that came back.pdf"]


@pytest.mark.slow
@pytest.mark.libreoffice
@needs_libreoffice
def test_a_deletion_deletes_the_pdf_of_a_print_file_without_its_document(tmp_path: Path) -> None:
    merge("letters", make(tmp_path))
    assert merge("print", tmp_path, "--pdf", "--per-signer").code == 0
    for document in (tmp_path / "print").glob("*/*.docx"):
        document.unlink()
    pdf, _ = sorted((tmp_path / "print").glob("*/*.pdf"))
    shutil.copyfile(pdf, pdf.with_name("01 my own scan.pdf"))
    merge("delete-person", "Ana Ruiz", tmp_path, "--yes")
    assert not pdf.exists()
    merge("close", tmp_path, "--yes")
    remaining = [path.name for path in (tmp_path / "print").rglob("*") if path.is_file()]
    assert remaining == ["01 my own scan.pdf"]


def test_letters_of_a_deleted_print_file_are_printed_again_unless_they_are_marked(
    campaign: Path,
) -> None:
    merge("print", campaign, "--one-file")
    merge("mark", "printed", campaign, "--for", IDS[1])
    preview = merge("delete-person", IDS[0], campaign, "--dry-run")
    assert "11 other letters of these print files would be printed again" in preview.err
    merge("delete-person", IDS[0], campaign, "--yes")
    printed = merge("print", campaign, "--since-last", "--dry-run", "--json").json
    assert sum(len(batch["letters"]) for batch in printed["batches"]) == 11
