"""A campaign with letters, and actions of staff around `merge print`."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import pytest
from docx import Document
from openpyxl import load_workbook

from support.campaigns import RunResult, make, merge
from support.copied_folders import copy_made_folder

PEOPLE = ["Ana Ruiz", "Bo Berg", "Chidi Obi"]
NEWER = "Dear {{ recipient.name }},\n{{ signer.name }}"


def make_six_letters(
    folder: Path, template: str = "{{ recipient.name }}\nDear you,\n{{ signer.name }}"
) -> Path:
    """Make a campaign folder with six letters; return the folder."""
    return copy_made_folder(_make, folder, template)


def _make(folder: Path, template: str) -> None:
    make(folder, template, Signers=[["Name"], *([name] for name in PEOPLE)])
    merge("letters", folder)


@pytest.fixture
def no_libreoffice(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide LibreOffice; the number of pages of a letter does not matter."""
    monkeypatch.setenv("PATH", "")


def make_printed(folder: Path) -> None:
    """Create a campaign of two signers and two recipients, with a print file."""
    make(folder)
    merge("letters", folder)
    merge("print", folder)


def run_print(folder: Path, *words: str) -> RunResult:
    """Run `merge print --json`."""
    return merge("print", folder, "--json", *words)


def count_and_errors(folder: Path, *words: str) -> tuple[int, list[tuple[str, str]]]:
    """Run `merge print`; return the number of letters, and the errors."""
    ran = run_print(folder, *words)
    errors = [(p["code"], p["hint"]) for p in ran.json["problems"] if p["level"] == "error"]
    return ran.json["letters"], errors


def edit(path: Path, words: str = "Added by hand") -> None:
    """Write a paragraph at the end of a letter."""
    document = Document(str(path))
    document.add_paragraph(words)
    document.save(str(path))


def copy_letter(folder: Path) -> None:
    """Copy one letter's file beside itself, and edit the copy."""
    path = folder / "letters" / "Ana Ruiz" / "Consul Roy.docx"
    edit(Path(shutil.copy2(path, path.with_name("Consul Roy (2).docx"))))


def use_newer_template(folder: Path) -> None:
    """Change the template, keep one signer, and update the letters."""
    make(folder, NEWER, Signers=[["Name"], ["Ana Ruiz"]])
    merge("letters", folder)


def edit_letter_and_template(folder: Path) -> None:
    """Edit one letter, then change the template and update the letters."""
    edit(folder / "letters" / "Ana Ruiz" / "Consul Roy.docx")
    use_newer_template(folder)


def change_template(folder: Path) -> None:
    """Change the template without updating the letters."""
    make(folder, NEWER, Signers=[["Name"], ["Ana Ruiz"]])


def delete_letter(folder: Path) -> None:
    """Delete one letter's file."""
    (folder / "letters" / "Ana Ruiz" / "Consul Roy.docx").unlink()


def open_letter(folder: Path) -> None:
    """Open one letter in LibreOffice."""
    (folder / "letters" / "Ana Ruiz" / ".~lock.Consul Roy.docx#").write_text(",ana,", "utf-8")


MARK_DAY = dt.date(2026, 11, 25)


def mark(
    folder: Path, stage: str, signer: str = "Ana Ruiz", day: dt.date | None = MARK_DAY
) -> None:
    """Write a day, or nothing, into the register for all letters of a signer."""
    book = load_workbook(folder / "register.xlsx")
    sheet = book["Register"]
    columns = {str(cell.value): number for number, cell in enumerate(sheet[1])}
    for row in sheet.iter_rows(min_row=2):
        if row[columns["Signer"]].value == signer:
            row[columns[stage]].value = day
    book.save(folder / "register.xlsx")
