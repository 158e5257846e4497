"""A folder of one signer that is read-only: the other letters are written, and it is named."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.campaigns import letters, make, merge
from support.permissions import permissions_count
from support.workbooks import campaign as workbook

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="permissions of POSIX")
SIGNERS = [["Name"], ["Ana Ruiz"], ["Bo Berg"]]
RECIPIENTS = [["Name"], ["Minister Li"], ["Consul Roy"]]


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    with permissions_count():
        yield make(tmp_path / "campaign", Signers=SIGNERS, Recipients=RECIPIENTS)
    for path in tmp_path.rglob("*"):
        path.chmod(0o700)


def test_the_letters_of_other_folders_are_written(folder: Path) -> None:
    closed = folder / "letters" / "Ana Ruiz"
    closed.mkdir(parents=True)
    closed.chmod(0o500)
    ran = merge("letters", folder)
    assert ran.code == 1
    assert sorted(letters(folder)) == ["Bo Berg/Consul Roy.docx", "Bo Berg/Minister Li.docx"]
    said = " ".join(ran.err.split())
    assert (
        "letters/Ana Ruiz You do not have permission to write in this folder, so 2 letters" in said
    )
    assert "room on" not in said
    closed.chmod(0o700)
    again = merge("letters", folder)
    assert (again.code, len(letters(folder))) == (0, 4)


def test_a_letter_that_cannot_be_written_anew_stays_and_is_known(folder: Path) -> None:
    assert merge("letters", folder).code == 0
    closed = folder / "letters" / "Ana Ruiz"
    closed.chmod(0o500)
    before = {path.name: path.read_bytes() for path in closed.iterdir()}
    greeted = "Hello {{ recipient.name }},\n{{ signer.name }}"
    make(folder, greeted, Signers=SIGNERS, Recipients=RECIPIENTS)
    ran = merge("letters", folder, "--json")
    assert ran.code == 1
    assert [p["code"] for p in ran.json["problems"] if p["level"] == "error"] == [
        "letters-folder-closed"
    ]
    assert ran.json["written"] == 2
    assert {path.name: path.read_bytes() for path in closed.iterdir()} == before
    closed.chmod(0o700)
    assert merge("letters", folder, "--json").json["written"] == 2


def test_a_letter_that_nobody_wants_stays_in_a_closed_folder_and_is_told(folder: Path) -> None:
    assert merge("letters", folder).code == 0
    closed = folder / "letters" / "Ana Ruiz"
    closed.chmod(0o500)
    workbook(folder, Signers=[["Name"], ["Bo Berg"], ["Cy Dahl"]], Recipients=RECIPIENTS)
    ran = merge("letters", folder)
    assert len(list(closed.iterdir())) == 2
    told = " ".join(ran.err.split())
    assert "The folder of the letter is write-protected, so it is kept." in told
    assert (folder / "letters" / "Cy Dahl" / "Consul Roy.docx").exists()
    closed.chmod(0o700)
    merge("letters", folder)
    assert not closed.exists()
