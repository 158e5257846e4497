"""`merge delete-person` and `merge close` know the print files, whatever their names are."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from support.campaigns import make, merge
from support.copied import copied
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
WAYS = [[], ["--per-signer"], ["--one-file"], ["--sheets", "1"]]


def made(folder: Path) -> None:
    """A letter of everybody to one recipient, in a campaign with a title of this kind."""
    signers = [["ID", "Name"], *zip(IDS, NAMES, strict=True)]
    settings = [["Setting", "Value"], ["Campaign", "Rights & <wrongs>: 'now'"]]
    template, recipients = "{{ recipient.name }}\n{{ signer.name }}", [["Name"], ["Consul Roy"]]
    make(folder, template, Signers=signers, Recipients=recipients, Settings=settings)
    merge("letters", folder)


@pytest.fixture
def campaign(tmp_path: Path) -> Path:
    return copied(made, tmp_path / "campaign")


def _in_print(folder: Path) -> list[str]:
    found = (path for path in (folder / "print").rglob("*") if path.is_file())
    return sorted(path.name for path in found if path.name != ".merge-lock")


def _forget(folder: Path, number: int) -> None:
    """Forget somebody, the row of the workbook too, and see that nothing is left."""
    merge("delete-person", IDS[number], folder, "--yes")
    with excel(folder / "signers.xlsx", "Signers") as sheet:
        sheet.delete_rows(next(n for n in range(2, 99) if sheet.cell(n, 1).value == IDS[number]))
    again = merge("delete-person", IDS[number], folder, "--yes")
    assert (again.code, again.err.count("print/")) == (0, 0)


@pytest.mark.slow
@pytest.mark.parametrize("way", everyday(WAYS, of=(0, 1)))
def test_a_closed_campaign_has_no_batches_whatever_characters_are_in_the_names(
    way: list[str], campaign: Path
) -> None:
    assert merge("print", campaign, *way).code == 0
    assert _in_print(campaign)
    ran = merge("close", campaign, "--yes")
    assert ran.code == 0
    assert "did not make" not in ran.err
    assert not (campaign / "print").exists()


def test_a_batch_whose_name_a_disk_writes_with_accents_apart_is_known(campaign: Path) -> None:
    merge("print", campaign, "--per-signer")
    for path in (campaign / "print").rglob("*.docx"):
        path.rename(path.with_name(unicodedata.normalize("NFD", path.name)))
    merge("close", campaign, "--yes")
    assert not (campaign / "print").exists()


@pytest.mark.slow
@pytest.mark.parametrize("numbers", everyday([range(1), range(1, len(NAMES))]))
def test_who_is_forgotten_is_in_no_batch_whatever_characters_are_in_the_name(
    numbers: range, campaign: Path
) -> None:
    merge("print", campaign, "--per-signer")
    batches = _in_print(campaign)
    for number in numbers:
        _forget(campaign, number)
        del batches[numbers.start]
        assert _in_print(campaign) == batches, NAMES[number]


@pytest.mark.slow
@pytest.mark.libreoffice
@needs_libreoffice
def test_the_pdf_of_a_batch_goes_with_it_whatever_characters_are_in_the_names(
    campaign: Path,
) -> None:
    assert merge("print", campaign, "--pdf", "--per-signer").code == 0
    assert len(_in_print(campaign)) == 2 * len(NAMES)
    _forget(campaign, 0)
    assert len(_in_print(campaign)) == 2 * len(NAMES) - 2
    assert merge("print", campaign, "--pdf").code == 0
    merge("close", campaign, "--yes")
    assert not (campaign / "print").exists()


def test_the_print_files_of_two_runs_in_one_minute_are_told_apart(campaign: Path) -> None:
    for own_id in IDS[:2]:
        assert merge("print", campaign, "--for", own_id).code == 0
    _forget(campaign, 0)
    assert [name for name in _in_print(campaign) if name.endswith(".docx")] == [
        f"01 {NAMES[1]}.docx"
    ]
