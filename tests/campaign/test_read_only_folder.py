"""A read-only folder of one signer: all other letters are written."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.campaigns import letters, make, merge
from support.permissions import permissions_count
from support.workbooks import campaign as workbook

pytestmark = [
    pytest.mark.posix("permissions of POSIX"),
    pytest.mark.disk("permissions"),
]
SIGNERS = [["Name"], ["Ana Ruiz"], ["Bo Berg"]]
RECIPIENTS = [["Name"], ["Minister Li"], ["Consul Roy"]]


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    with permissions_count():
        yield make(tmp_path / "campaign", Signers=SIGNERS, Recipients=RECIPIENTS)
    for path in tmp_path.rglob("*"):
        path.chmod(0o700)


def test_a_read_only_folder_does_not_stop_letters_in_other_folders(folder: Path) -> None:
    read_only = folder / "letters" / "Ana Ruiz"
    read_only.mkdir(parents=True)
    read_only.chmod(0o500)
    ran = merge("letters", folder)
    assert ran.code == 1
    assert sorted(letters(folder)) == ["Bo Berg/Consul Roy.docx", "Bo Berg/Minister Li.docx"]
    errors = " ".join(ran.err.split())
    assert (
        "letters/Ana Ruiz You do not have permission to write in this folder, so 2 letters"
        in errors
    )
    assert "room on" not in errors
    read_only.chmod(0o700)
    again = merge("letters", folder)
    assert (again.code, len(letters(folder))) == (0, 4)


def test_an_outdated_letter_in_a_read_only_folder_is_updated_later(folder: Path) -> None:
    assert merge("letters", folder).code == 0
    read_only = folder / "letters" / "Ana Ruiz"
    read_only.chmod(0o500)
    before = {path.name: path.read_bytes() for path in read_only.iterdir()}
    template = "Hello {{ recipient.name }},\n{{ signer.name }}"
    make(folder, template, Signers=SIGNERS, Recipients=RECIPIENTS)
    ran = merge("letters", folder, "--json")
    assert ran.code == 1
    assert [p["code"] for p in ran.json["problems"] if p["level"] == "error"] == [
        "letters-folder-closed"
    ]
    assert ran.json["written"] == 2
    assert {path.name: path.read_bytes() for path in read_only.iterdir()} == before
    read_only.chmod(0o700)
    assert merge("letters", folder, "--json").json["written"] == 2


def test_an_orphan_in_a_read_only_folder_is_kept_and_reported(folder: Path) -> None:
    assert merge("letters", folder).code == 0
    read_only = folder / "letters" / "Ana Ruiz"
    read_only.chmod(0o500)
    workbook(folder, Signers=[["Name"], ["Bo Berg"], ["Cy Dahl"]], Recipients=RECIPIENTS)
    ran = merge("letters", folder)
    assert len(list(read_only.iterdir())) == 2
    errors = " ".join(ran.err.split())
    assert "The folder of the letter is write-protected, so it is kept." in errors
    assert (folder / "letters" / "Cy Dahl" / "Consul Roy.docx").exists()
    read_only.chmod(0o700)
    merge("letters", folder)
    assert not read_only.exists()
