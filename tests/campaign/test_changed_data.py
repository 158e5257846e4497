"""Changed data has its old and new value, edits stay known, and no text outlives its letter."""

from __future__ import annotations

import io
import shutil
import zipfile
from pathlib import Path

import pytest
from support.campaigns import make, merge
from support.staff_actions import add_line, retype, run_letters

from merge.campaign.campaign import read_campaign
from merge.campaign.letter_versions import LetterVersions, letter_versions
from merge.campaign.overview import inspect_campaign
from merge.computer import private_folder
from merge.letter_inputs import DataChange
from merge.product import RECORDS_FOLDER

LINES = "{{ recipient.name }}\n{{ recipient.street }}\nI ask you.\n{{ signer.name }}"
LETTER = "Ana Ruiz/Minister Li.docx"


def _make(folder: Path, street: object, template: str = LINES) -> None:
    recipients = [["Name", "Street"], ["Minister Li", street]]
    make(folder, template, Recipients=recipients, Signers=[["Name"], ["Ana Ruiz"]])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A campaign with a letter to Lindenstrasse 15."""
    _make(tmp_path, "Lindenstrasse 15")
    merge("letters", tmp_path)
    return tmp_path


def _changes(folder: Path) -> tuple[DataChange, ...]:
    (planned,) = inspect_campaign(read_campaign(folder)).letters
    return planned.step.changes


def _street(old: str, new: str) -> tuple[DataChange, ...]:
    return (DataChange("Street in Recipients", old, new),)


def _versions(folder: Path) -> LetterVersions:
    view = inspect_campaign(read_campaign(folder))
    (planned,) = view.letters
    return letter_versions(view, planned.record.id)


def _edits(folder: Path) -> list[tuple[str, str]]:
    return [(row.before, row.after) for row in _versions(folder).edits or () if row.differs]


@pytest.mark.parametrize("new", ["Lindenstrasse 15b", "", 15])
def test_a_changed_value_has_its_old_and_its_new_value(folder: Path, new: object) -> None:
    _make(folder, new)
    assert _changes(folder) == _street("Lindenstrasse 15", str(new))
    retype(folder / "letters" / LETTER, "Lindenstrasse 15", "Linden Street 15, third floor")
    assert _changes(folder) == _street("Lindenstrasse 15", str(new))


def test_the_old_value_of_a_kept_letter_is_the_one_it_was_kept_with(folder: Path) -> None:
    add_line(folder / "letters" / LETTER, "By hand")
    _make(folder, "Lindenstrasse 16")
    assert merge("letters", folder, "--keep", "edited").code == 0
    _make(folder, "Lindenstrasse 17")
    assert _changes(folder) == _street("Lindenstrasse 16", "Lindenstrasse 17")


def test_changed_data_that_is_no_cell_has_no_values(folder: Path) -> None:
    _make(folder, "Lindenstrasse 15", LINES.replace("ask", "beg"))
    assert _changes(folder) == (DataChange("the template"),)


def test_changed_data_is_named_without_values_if_the_texts_are_lost(folder: Path) -> None:
    shutil.rmtree(folder / RECORDS_FOLDER / "texts")
    _make(folder, "Lindenstrasse 16")
    assert _changes(folder) == (DataChange("the recipient"),)
    assert run_letters(folder)["written"] == 1


def test_letters_and_status_say_the_old_and_the_new_value(folder: Path) -> None:
    _make(folder, "Berggasse 19")
    change = {"field": "Street in Recipients", "old": "Lindenstrasse 15", "new": "Berggasse 19"}
    assert merge("status", folder, "--json").json["changes"] == {f"letters/{LETTER}": [change]}
    preview = merge("letters", folder, "--dry-run")
    assert "Street in Recipients: “Lindenstrasse 15” → “Berggasse 19”" in preview.out
    (letter,) = merge("letters", folder, "--json").json["letters"]
    assert letter["changes"] == [change]
    assert merge("status", folder, "--json").json["changes"] == {}


def test_what_staff_edited_is_known_also_after_the_data_has_changed(folder: Path) -> None:
    retype(folder / "letters" / LETTER, "I ask you.", "I beg you.")
    edit = [("I ask you.", "I beg you.")]
    assert _edits(folder) == edit
    _make(folder, "Berggasse 19", LINES.replace("{{ signer.name }}", "Yours, {{ signer.name }}"))
    assert _edits(folder) == edit
    merge("letters", folder)
    assert _edits(folder) == edit


def test_edits_are_not_known_if_the_texts_are_lost_and_the_data_has_changed(folder: Path) -> None:
    retype(folder / "letters" / LETTER, "I ask you.", "I beg you.")
    shutil.rmtree(folder / RECORDS_FOLDER / "texts")
    assert _edits(folder) == [("I ask you.", "I beg you.")]
    _make(folder, "Berggasse 19")
    assert _versions(folder).edits is None


# What is kept, and for how long.


def _has_words(data: bytes, words: bytes) -> bool:
    if words in data:
        return True
    if data[:2] != b"PK":
        return False
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return any(_has_words(archive.read(name), words) for name in archive.namelist())


def _files_with(folder: Path, words: str) -> set[str]:
    files = (path for path in folder.rglob("*") if path.is_file())
    found = (path for path in files if _has_words(path.read_bytes(), words.encode()))
    return {path.relative_to(folder).as_posix() for path in found}


def test_a_corrected_address_is_in_no_file_after_one_run(folder: Path) -> None:
    assert len(_files_with(folder, "Lindenstrasse")) == 3  # workbook, letter, texts
    _make(folder, "Berggasse 19")
    merge("letters", folder)
    assert _files_with(folder, "Lindenstrasse") == set()
    assert len(_files_with(folder, "Berggasse")) == 3


def test_the_texts_of_a_printed_version_are_kept_with_its_print_file(folder: Path) -> None:
    merge("print", folder, "--no-covers")
    _make(folder, "Berggasse 19")
    merge("letters", folder, "--replace", "print file", "--yes")
    found = _files_with(folder, "Lindenstrasse")
    assert any(name.startswith(f"{RECORDS_FOLDER}/texts/") for name in found)
    assert any(name.startswith("print/") for name in found)


def test_the_texts_of_letters_that_are_gone_are_gone(folder: Path) -> None:
    make(
        folder,
        LINES,
        Recipients=[["Name", "Street"], ["Consul Roy", "Ring 1"]],
        Signers=[["Name"], ["Ana Ruiz"]],
    )
    merge("letters", folder)
    shutil.rmtree(folder / "letters" / "No longer wanted")
    merge("letters", folder)
    assert _files_with(folder, "Lindenstrasse") == set()


def test_a_closed_campaign_has_no_texts(folder: Path) -> None:
    merge("close", folder, "--yes")
    assert [*(folder / RECORDS_FOLDER / "texts").iterdir()] == []


def test_no_text_is_in_the_private_folder(folder: Path) -> None:
    _make(folder, "Berggasse 19")
    merge("letters", folder)
    assert _files_with(private_folder(), "Lindenstrasse") == set()
    assert _files_with(private_folder(), "Berggasse") == set()
